// Would a proposed CHECK of a domain refuse what a column of it gets when an INSERT leaves it out?
//
// Called by the check of insertability.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns true when the CHECK, as the parser leaves it, is certainly false for the column's
// default, or for NULL when it has none. False when that cannot be told.
bool domain_check_would_fail(Oid relation, AttrNumber attnum, Node* proposed);

}  // namespace strata::pg
