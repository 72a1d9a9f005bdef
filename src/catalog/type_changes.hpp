// strata.type_change and strata.kept_index: what the next ALTER COLUMN ... TYPE needs to know.
#pragma once

#include "pg/guard.hpp"

namespace strata::catalog {

// A mapping prepared for the next type change of a column.
struct TypeChange {
  Oid new_type = InvalidOid;
  std::string column;  // the column's name inside the expressions; renames do not touch them
  std::string read_as;
  std::string write_as;
};

// Returns the mapping prepared for the column, if it is for `new_type`.
std::optional<TypeChange> type_change(Oid relation, const std::string& column, Oid new_type);

// Forgets the mapping prepared for the column: it is used.
void use_type_change(Oid relation, const std::string& column);

// Remembers an index made for versions.
void keep_index(Oid index, Oid relation);

// Returns the kept indexes of the relation, and forgets those that are gone.
std::vector<Oid> kept_indexes(Oid relation);

}  // namespace strata::catalog
