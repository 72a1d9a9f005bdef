// Writes to version views whose base relation is gone.
#pragma once

#include "pg/guard.hpp"

namespace strata::upkeep {

// Returns true when `refuse_orphan_write` may have something to say about the query: it writes to a
// view, or has parts that write.
bool may_write_to_view(const Query* query);

// Raises ST009 when the query writes to a version view that has lost its base relation. Without it
// core says that the view is not updatable, which is true but not why.
void refuse_orphan_write(const Query* query);

}  // namespace strata::upkeep
