// What a column's definition in ADD COLUMN or CREATE TABLE says, from its parse tree.
#pragma once

#include "pg/guard.hpp"

namespace strata::ddl {

// Returns true for serial and its kin, which are no types but sequences with defaults.
bool is_serial(const TypeName* type);

// Returns true when the expression, as the parser leaves it, may call a volatile function. Names
// are looked up and nothing is called; of functions with one name all that take as many arguments
// count.
bool may_be_volatile(Node* expression);

// Returns true when the query may call a volatile function that a user wrote: what that does only
// running it shows. The server's own and ours are known.
bool calls_unknown(Node* query);

struct ColumnDefinition {
  std::string name;
  Oid type = InvalidOid;  // InvalidOid also for serial and for types that are not there yet
  bool serial = false;
  bool identity = false;
  bool stored = false;    // computed, and stored
  bool computed = false;  // computed when read (18)
  bool not_null = false;
  bool primary = false;
  bool unique = false;
  Node* value = nullptr;  // DEFAULT; null also for DEFAULT NULL
  std::vector<Constraint*> checks;
  std::vector<Constraint*> keys;  // REFERENCES

  // Returns true when a row that does not give the column gets a value other than NULL.
  bool filled() const;

  // Returns true when rows that are there cannot take the column without being rewritten.
  bool rewrites() const;
};

ColumnDefinition column_definition(const ColumnDef* definition);

}  // namespace strata::ddl
