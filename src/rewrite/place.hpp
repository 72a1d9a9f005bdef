// Putting expressions in the place of columns. Raise-kind.
#pragma once

#include "rewrite/write_mapping.hpp"

namespace strata::rewrite::raw {

// Returns a copy of `expression`, over relation 1 of its own level, that stands where `var` is:
// over the same relation and level, for the same row.
Node* placed(Node* expression, const Var* var);

// The same for an expression over the target relation `varno` of a query, at its top level.
Node* placed_at(Node* expression, int varno);

// Replaces every column of the view, which is relation `varno` of the query and, in ON CONFLICT,
// also relation `excluded` (0: none), by what the view shows there. `names` are the names of its
// columns. Changes `query` in place.
void read_from_base(Query* query, const WriteMapping* mapping, int varno, int excluded,
                    List* names);

}  // namespace strata::rewrite::raw
