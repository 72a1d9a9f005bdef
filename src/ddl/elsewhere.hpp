// A quick look that spares most DDL on other schemas the long one.
#pragma once

#include "pg/guard.hpp"

namespace strata::ddl {

// Returns true when the statement surely touches no tracked schema, no version and nothing of ours:
// common statements on tables and indexes elsewhere that reach no relation they do not name. False
// says nothing. Takes no lock; raises what the server would of names it cannot look up.
bool surely_elsewhere(Node* tree);

}  // namespace strata::ddl
