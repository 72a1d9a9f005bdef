// The row that this transaction wrote last into a small table of somebody else's.
//
// Called at the end of a transaction. Reads without locks that could be waited for, rights or code
// of others: only columns of types that the server brings.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns false when this transaction has written nothing into the table.
bool may_have_written(Oid table);

// Returns the columns as text in the last row of the table that this transaction wrote; no value
// for a column that is null. nullopt when it wrote none, or when a column is missing.
std::optional<std::vector<std::optional<std::string>>> written_row(
    Oid table, const std::vector<std::string>& columns);

// The same for the last row in which the two columns are null, whoever wrote it.
std::optional<std::vector<std::optional<std::string>>> unfinished_row(
    Oid table, const std::vector<std::string>& columns, const char* end, const char* other_end);

// The same for the last row in which the column is true, if one of the last transactions of this
// session wrote it.
std::optional<std::vector<std::optional<std::string>>> own_marked_row(
    Oid table, const std::vector<std::string>& columns, const char* mark);

// Begins to remember the last transactions. Called once from _PG_init.
void watch_own_transactions();

// Returns true when the table has the column.
bool has_column(Oid table, const char* column);

// Returns true when this session holds the advisory lock on the number.
bool holds_advisory_lock(int64_t key);

}  // namespace strata::pg
