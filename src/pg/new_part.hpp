// Parts of relations that the current command has just made: the usual look-ups do not see them.
//
// Called by the recorder from the server's object access hook.
#pragma once

#include "pg/depend.hpp"

namespace strata::pg {

// Returns the relation that the index, constraint, trigger, rule, policy, default or statistics
// object is on; InvalidOid for what is none of these.
Oid relation_of_new_part(const Object& object);

}  // namespace strata::pg
