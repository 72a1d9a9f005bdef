// Inserts through versions keep working: every base column that a version does not show can be left
// out of an INSERT, and every column it shows can be left out where that was so when it was
// published.
//
// Made before the statement, asked after it (ddl_path.cpp).
#pragma once

#include "catalog/registry.hpp"
#include "ddl/statement.hpp"
#include "pg/relation.hpp"

namespace strata::upkeep {

// Raises ST004, before anything is locked, when ALTER TABLE in one of its plain forms would make
// inserts through a live version fail. What it cannot foresee, InsertCheck finds.
void refuse_inserts(const catalog::Registry& registry, const ddl::Statement& statement, Node* tree);

// Raises ST004 when inserts through a live version fail now that nothing fills the column.
void require_insertable_without_fill(Oid relation, const std::string& column);

// Warns when a column changed its type and what fill_column stores in it does not fit any more: the
// expression for the new type can only be said once the column has it. Asked after the statement.
void check_fills(const ddl::Statement& statement);

class InsertCheck {
 public:
  InsertCheck() = default;

  // Remembers which columns of the statement's relations an INSERT may leave out before it runs,
  // and which CHECK constraints there are.
  InsertCheck(const catalog::Registry& registry, const ddl::Statement& statement);

  // Raises ST004 when the statement made inserts through a live version fail that did not fail
  // before.
  void finish() const;

 private:
  struct Before {
    std::map<AttrNumber, pg::Attribute> attributes;
    std::set<Oid> checks;
  };
  std::map<Oid, Before> before_;
};

}  // namespace strata::upkeep
