// A write to a view becomes a write to the relation it reads. Raise-kind.
#pragma once

#include "rewrite/write_mapping.hpp"

namespace strata::rewrite::raw {

// Changes `query`, a write to `view`, in place into one to `base`, which the view reads. Both are
// open and locked. Raises what assign() raises.
void retarget(Query* query, Relation view, Relation base, const WriteMapping* mapping);

}  // namespace strata::rewrite::raw
