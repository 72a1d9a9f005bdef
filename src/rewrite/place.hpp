// Putting expressions in the place of columns. Raise-kind.
#pragma once

#include "rewrite/write_mapping.hpp"

namespace strata::rewrite::raw {

// Returns a copy of `expression`, over relation 1 of its own level, that stands where `var` is:
// over the same relation and level, for the same row.
Node* placed(Node* expression, const Var* var);

// The same for an expression over the target relation `varno` of a query, at its top level.
Node* placed_at(Node* expression, int varno);

// Replaces every column of the view, which was the target as relation `varno` of the query and, in
// ON CONFLICT, is also relation `excluded` (0: none), by what the view shows there, and the target
// by the relation that the query has as its result now. Changes `query` in place.
void read_from_base(Query* query, const WriteMapping* mapping, int varno, int excluded);

}  // namespace strata::rewrite::raw
