// Whether the session's user has broken the glass.
#pragma once

#include "pg/guard.hpp"

namespace strata::guard {

// Returns the number of the override that is in force for the session's user in this base schema;
// the most recent one. Only for one who is still a member of strata_breakglass.
std::optional<int64_t> active_override(const std::string& base);

}  // namespace strata::guard
