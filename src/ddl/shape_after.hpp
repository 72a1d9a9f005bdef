// What ALTER TABLE makes of the columns of a table, foreseen from the parse tree: which may be left
// out of an INSERT afterwards, and which CHECK constraints there will be.
//
// Plain forms only; what is not foreseen is found when the statement has run
// (upkeep/insertability).
#pragma once

#include "pg/relation.hpp"

namespace strata::ddl {

struct ColumnAfter {
  AttrNumber attnum = 0;  // 0: the statement adds it
  bool filled = false;    // left out, it gets a value
  bool refuses_null = false;
  bool touched = false;  // the statement says something of it

  bool omissible() const { return filled || !refuses_null; }
};

struct ShapeAfter {
  std::map<std::string, ColumnAfter> columns;
  std::vector<Node*> checks;  // raw expressions of table constraints it adds
};

// Returns the shape of the relation, the table that the statement names or an inheritor of it.
ShapeAfter shape_after(const AlterTableStmt* stmt, Oid relation);

// Returns true for NULL, cast or not: as a default it is none.
bool is_null_constant(const Node* expression);

}  // namespace strata::ddl
