// strata.base_column: base columns under numbers that survive renames, restores and upgrades.
#pragma once

#include "pg/guard.hpp"

namespace strata::catalog {

// Gives the numbered column its new name; nothing happens for a column without a number. Straight
// to the heap and not through SQL: it is on the path of every RENAME COLUMN.
void rename_base_column(Oid relation, const std::string& from, const std::string& to);

// Takes the name from the number of a column that is dropped, as core does in pg_attribute: a later
// column of that name is another one and gets another number.
void forget_base_column(Oid relation, const std::string& column);

// Returns the column's number, giving it one if need be.
int32_t number_base_column(Oid relation, const std::string& column);

// Moves the numbers of `from` to `to`, a relation with columns of the same names that takes its
// place.
void move_base_columns(Oid from, Oid to);

// Returns the names of a relation's numbered columns.
std::map<int32_t, std::string> base_columns(Oid relation);

}  // namespace strata::catalog
