// Owns: what each transition does (see transition.hpp).
#include "rollout/transition.hpp"

#include "guard/step_proposal.hpp"
#include "pg/clock.hpp"
#include "rollout/samples.hpp"

namespace strata::rollout {
namespace {

int64_t propose(const RolloutRow& rollout) {
  guard::StepToPropose step;
  step.base = rollout.base;
  step.author = rollout.author;
  step.author_name = rollout.started_by;
  step.rollout = rollout.id;
  step.step = rollout.step;
  step.steps = static_cast<int32_t>(rollout.steps.size());
  step.stable = rollout.stable;
  step.candidate = rollout.candidate;
  step.weight_ppm = rollout.current().weight_ppm;
  return guard::propose_step(step);
}

// The states with which the step begins; what the step before knew of stable goes on to count.
std::string fresh_states(pg::Spi& spi, const RolloutRow& rollout) {
  const auto& checks = rollout.current().checks;
  const auto& before = rollout.judged().checks;
  const model::Sample now = sample(spi, rollout).value_or(model::Sample{});
  return model::write_states(
      checks, model::begin_states(checks, now, before, model::read_states(rollout.checks, before)));
}

}  // namespace

void begin_step(pg::Spi& spi, RolloutRow rollout, StepBegin how, const std::string& reason) {
  std::string said = reason;
  if (rollout.current().approval && !how.approved) {
    rollout.phase = Phase::kAwaitingApproval;
    rollout.began_at = std::nullopt;
    const bool asked = rollout.proposal &&
                       guard::review_of(*rollout.proposal).kind != guard::StepReview::Kind::kClosed;
    if (!asked) rollout.proposal = propose(rollout);
    said += fmt::format(" Step {} waits for the approval of proposal {}.", rollout.step,
                        *rollout.proposal);
  } else {
    rollout.phase = Phase::kRunning;
    rollout.checks = fresh_states(spi, rollout);
    rollout.began_at = pg::now();
  }
  set_gate_for(spi, rollout, how.insist);
  store(spi, rollout, said);
}

void stop(pg::Spi& spi, RolloutRow rollout, Phase phase, const std::string& reason) {
  rollout.phase = phase;
  store(spi, rollout, reason);
}

void end(pg::Spi& spi, RolloutRow rollout, Phase phase, const std::string& reason) {
  rollout.phase = phase;
  if (rollout.proposal) guard::withdraw_step(*rollout.proposal, reason);
  set_gate_for(spi, rollout, phase == Phase::kCompleted);
  store(spi, rollout, reason);
}

}  // namespace strata::rollout
