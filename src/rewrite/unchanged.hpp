// Telling whether a value is another one than what is shown. Raise-kind.
#pragma once

#include "pg/guard.hpp"

namespace strata::rewrite::raw {

// Returns the equality operator of a type if equal values are the same bytes; else InvalidOid.
Oid image_equality(Oid type, Oid collation);

// Returns a condition that is true when the two values, of one type, are not the same value, to the
// last bit; two nulls are the same. `equality` is that of the type, as above.
Node* is_changed(Node* value, Node* shown, Oid equality);

}  // namespace strata::rewrite::raw
