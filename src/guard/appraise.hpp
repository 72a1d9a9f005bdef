// How a statement is judged before it runs: its hazards and its risk.
#pragma once

#include "model/hazard.hpp"
#include "pg/guard.hpp"

namespace strata::guard {

struct Appraisal {
  model::HazardSet hazards;
  model::Risk risk = model::Risk::Low;
  int64_t bytes = 0;
};

// Returns what is known of a utility statement without running it.
Appraisal appraise(Node* statement);

}  // namespace strata::guard
