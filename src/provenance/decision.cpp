// Owns: the columns of a change that are the guard's (see decision.hpp).
#include "provenance/decision.hpp"

#include "guard/overrides.hpp"
#include "model/joined.hpp"

namespace strata::provenance {

void add_decision(const guard::Admission& admission, Change* change) {
  change->hazards = model::names(admission.judgement.hazards);
  change->risk = std::string(model::name(admission.judgement.risk));
  const model::Lock lock = admission.facts.strongest_lock();
  if (lock != model::Lock::None) change->lock_mode = std::string(model::name(lock));
  if (admission.match && !admission.match->is_free) change->proposal_id = admission.match->proposal;
  if (admission.judgement.action > model::Action::Warn)
    change->override_id = guard::active_override(change->base);
  const auto& windows = admission.windows;
  if (!windows.empty()) change->window = model::joined({windows.begin(), windows.end()}, ", ");
}

}  // namespace strata::provenance
