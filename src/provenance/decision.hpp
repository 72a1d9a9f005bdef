// What the guard said of a statement or a call, as it is recorded.
#pragma once

#include "guard/admission.hpp"
#include "provenance/entries.hpp"

namespace strata::provenance {

// Fills in hazards, risk, lock_mode, proposal, override and window of the change, which has its
// base. Raises what reading overrides raises.
void add_decision(const guard::Admission& admission, Change* change);

}  // namespace strata::provenance
