// Whether valid CHECK constraints prove that the rows of a table are within the bounds of the
// partition it is to become: then ATTACH PARTITION does not read them.
#pragma once

#include "pg/guard.hpp"

namespace strata::ddl {

// Returns true when it is proven, for one key column and bounds that are constants; for anything
// else false: the rows are said to be read. Takes no lock and calls no functions of users.
bool bound_is_proven(Oid parent, Oid child, const PartitionBoundSpec* bound);

}  // namespace strata::ddl
