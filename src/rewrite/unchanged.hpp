// Telling whether a value is another one than what is shown. Raise-kind.
#pragma once

#include "pg/guard.hpp"

namespace strata::rewrite::raw {

// Returns a condition that is true when the two values, of one type, are not the same value, to the
// last bit; two nulls are the same.
Node* is_changed(Node* value, Node* shown);

}  // namespace strata::rewrite::raw
