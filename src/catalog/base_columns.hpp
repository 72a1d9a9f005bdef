// strata.base_column: base columns under numbers that survive renames, restores and upgrades.
#pragma once

#include "pg/guard.hpp"

namespace strata::catalog {

// Gives the numbered column its new name; nothing happens for a column without a number. Straight
// to the heap and not through SQL: it is on the path of every RENAME COLUMN.
void rename_base_column(Oid relation, const std::string& from, const std::string& to);

// Gives up the name, but not the number, of a column that is gone: a new column may take the name,
// and nothing that was said of the old one holds for it.
void forget_dropped_column(Oid relation, const std::string& column);

// Does so for all columns of the relation that are gone. InvalidOid: of all relations.
void forget_dropped_columns(Oid relation);

// Forgets what was said for the next DDL or the next write of a relation that is gone: type changes
// and fills. InvalidOid: of all relations that are.
void forget_dropped_relation(Oid relation);

// Returns the column's number, giving it one if need be.
int32_t number_base_column(Oid relation, const std::string& column);

// Moves the numbers of `from`, and what is kept under them, to `to`, a relation with columns of the
// same names that takes its place. What the author has said of columns of `to` stays.
void move_base_columns(Oid from, Oid to);

// Returns the names of a relation's numbered columns.
std::map<int32_t, std::string> base_columns(Oid relation);

}  // namespace strata::catalog
