// strata.type_change: what the next ALTER COLUMN ... TYPE needs to know.
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

// Returns the mapping prepared for the column, if it is for a change from `old_type` to `new_type`.
std::optional<TypeChange> type_change(Oid relation, const std::string& column, Oid old_type,
                                      Oid new_type);

// Forgets the mapping prepared for the column: it is used.
void use_type_change(Oid relation, const std::string& column);

}  // namespace strata::catalog
