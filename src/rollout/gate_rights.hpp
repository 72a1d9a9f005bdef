// Who may change a gate, or a rollout, which does.
#pragma once

#include "pg/prelude.hpp"

namespace strata::rollout {

// Returns the name of the base schema, which is locked, for who may change its gate. Raises what
// guard::require_control_of raises; `what` is done: "set a gate".
std::string require_gate_control(Oid base, const char* what);

}  // namespace strata::rollout
