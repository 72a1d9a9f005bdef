// Indexes that were made for versions and that nobody else asked for.
//
// Called by upkeep when their column changes or their type goes, and when a version retires.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// What tells an index made for versions from others; strata.kept_index has the same text.
constexpr const char* kKeptComment = "serves versions: kept by pg_strata";

// Returns true when the index is a part of an index of a partitioned table.
bool is_index_partition(Oid index);
// Returns true when the index was made for versions. Its comment says so, which the server keeps
// through renames, rebuilds, dumps and restores.
bool is_kept_index(Oid index);

// Drops an index of ours that serves a mapping.
void drop_index(Oid index);

}  // namespace strata::pg
