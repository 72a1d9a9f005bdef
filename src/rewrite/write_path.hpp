// The path of a write through a version view.
#pragma once

#include "pg/guard.hpp"

namespace strata::rewrite {

// Returns true when the query, or a part of it, may write to a view.
bool may_write_to_view(const Query* query);

// Changes in place every write to a version view in an analyzed query into one to its base.
// Writing through a rewritten query again changes nothing. Raises ST009 when the base is gone,
// ST006 when a mapping does not resolve, 0A000 when a column cannot be written.
void rewrite_writes(Query* query);

}  // namespace strata::rewrite
