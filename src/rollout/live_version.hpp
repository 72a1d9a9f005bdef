// The versions that a gate or a rollout may name.
#pragma once

#include "pg/prelude.hpp"

namespace strata::rollout {

// Raises ST010 unless the base has a live version of that name.
void require_live(const std::string& base, const std::string& version);

}  // namespace strata::rollout
