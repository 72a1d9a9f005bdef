// Options in parse trees, as (name value, ...) lists.
#pragma once

#include "pg/guard.hpp"

namespace strata::ddl {

// Returns the option; null when it is not given.
DefElem* option_named(List* options, const char* name);

// Returns true when the option is given and not switched off.
bool option_is_on(List* options, const char* name);

}  // namespace strata::ddl
