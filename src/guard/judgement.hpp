// What policies say of a statement, from its facts alone: no window, no proposal is looked at yet.
// Used by the decision (admit) and by strata.assess, so that both say the same.
#pragma once

#include "model/facts.hpp"
#include "model/policy.hpp"

namespace strata::guard {

struct Judgement {
  std::vector<std::string> bases;  // tracked base schemas it touches, sorted
  model::HazardSet hazards;
  model::Risk risk = model::Risk::Low;
  model::Action action = model::Action::Allow;
  std::vector<std::string> reasons;  // which policies make it so, as sentences' parts
};

// Returns the judgement. A statement that touches no tracked base schema is judged only for what it
// does to the guard itself. Raises what reading the policies raises.
Judgement judge(const model::StatementFacts& facts);

}  // namespace strata::guard
