// Owns: the decisions of the worker (see advance.hpp).
//
// Every transition is a call of strata.move_rollout, so that it is recorded as calls of people are.
#include "rollout/advance.hpp"

#include "guard/step_proposal.hpp"
#include "model/gate.hpp"
#include "pg/clock.hpp"
#include "pg/database_setting.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "provenance/restore.hpp"
#include "rollout/samples.hpp"
#include "version/version_lock.hpp"

namespace strata::rollout {
namespace {

using model::RolloutCheck;
using model::StepOutcome;

// A proposal can run out of time without anybody doing anything.
constexpr int64_t kReviewInterval = 60 * USECS_PER_SEC;

// Somebody changes the row by hand, and may want the lock that we have.
constexpr int64_t kRetry = USECS_PER_SEC;

void move(pg::Spi& spi, const RolloutRow& rollout, Phase phase, int32_t step,
          const std::string& reason) {
  spi.query(
      "SELECT strata.move_rollout($1::pg_catalog.regnamespace, $2, $3, $4::pg_catalog.jsonb, $5)",
      {pg::SqlArg::oid(pg::schema_oid(rollout.base)), pg::SqlArg::text(name(phase)),
       pg::SqlArg::int4(step), pg::SqlArg::text(rollout.checks), pg::SqlArg::text(reason)});
}

int64_t stopped(pg::Spi& spi, const RolloutRow& rollout, Phase phase, const std::string& reason) {
  move(spi, rollout, phase, rollout.step, reason);
  return kNever;
}

int64_t await_approval(pg::Spi& spi, const RolloutRow& rollout) {
  const guard::StepReview review = guard::review_of(rollout.proposal.value_or(0));
  if (review.kind == guard::StepReview::Kind::kOpen) return pg::now() + kReviewInterval;
  if (review.kind == guard::StepReview::Kind::kClosed)
    return stopped(spi, rollout, Phase::kHalted, review.reason);
  if (!guard::use_step(*rollout.proposal)) return pg::now();
  move(spi, rollout, Phase::kRunning, rollout.step,
       fmt::format("Proposal {} was approved.", *rollout.proposal));
  return pg::now();
}

std::vector<model::CheckState> judge_all(const RolloutRow& rollout, const Findings& found) {
  const std::vector<RolloutCheck>& checks = rollout.current().checks;
  std::vector<model::CheckState> states = model::read_states(rollout.checks, checks);
  size_t answer = 0;
  for (size_t i = 0; i < checks.size(); i++) {
    if (checks[i].kind != RolloutCheck::Kind::kSql) {
      model::judge(checks[i], *found.sample, states[i]);
      continue;
    }
    const Answer& said = found.answers.at(answer++);
    model::judge_answer(said.value, said.why, states[i]);
  }
  return states;
}

int64_t finish_step(pg::Spi& spi, const RolloutRow& rollout, const std::string& reason) {
  if (!rollout.is_last()) {
    // Of a step that asks for approval, move_rollout makes one that waits for it.
    const bool waits = rollout.steps[static_cast<size_t>(rollout.step)].approval;
    move(spi, rollout, waits ? Phase::kAwaitingApproval : Phase::kRunning, rollout.step + 1,
         reason);
    return pg::now();
  }
  if (rollout.current().weight_ppm == model::kWholeWeight)
    return stopped(spi, rollout, Phase::kCompleted, reason);
  return stopped(spi, rollout, Phase::kPaused,
                 reason +
                     " It was the last step; strata.promote_rollout() makes the candidate the "
                     "stable version.");
}

int64_t judge_step(pg::Spi& spi, RolloutRow& rollout, const Findings& found) {
  const model::RolloutStep& step = rollout.current();
  // While the base schema is renamed, a look without our lock finds nothing under its old name.
  if (!found.sample && sample(spi, rollout)) return pg::now();
  if (!found.sample)
    return stopped(spi, rollout, Phase::kHalted, "A version of it is not live any more.");
  const std::vector<model::CheckState> states = judge_all(rollout, found);
  rollout.checks = model::write_states(step.checks, states);
  const int64_t now = pg::now();
  const StepOutcome out = model::outcome(step, states, now - *rollout.began_at);
  switch (out.kind) {
    case StepOutcome::Kind::kFailed:
      return stopped(
          spi, rollout,
          step.on_failure == model::OnFailure::kHalt ? Phase::kHalted : Phase::kRolledBack,
          out.reason);
    case StepOutcome::Kind::kDone:
      return finish_step(spi, rollout, out.reason);
    case StepOutcome::Kind::kWait:
      break;
  }
  note_look(spi, rollout, out.reason);
  const int64_t baked = *rollout.began_at + step.bake;
  return baked > now ? std::min(baked, now + step.interval) : now + step.interval;
}

}  // namespace

Findings look(int64_t id) {
  Findings out;
  std::optional<RolloutRow> rollout;
  {
    pg::OwnerSpi spi;
    rollout = rollout_with(spi, id);
    if (!rollout || rollout->phase != Phase::kRunning || !rollout->problem.empty()) return out;
    out.step = rollout->step;
    out.began_at = rollout->began_at;
    out.sample = sample(spi, *rollout);
  }
  for (const RolloutCheck& check : rollout->current().checks)
    if (check.kind == RolloutCheck::Kind::kSql) out.answers.push_back(ask(check, rollout->runs_as));
  return out;
}

int64_t act(int64_t id, const Findings& found) {
  pg::OwnerSpi spi;
  auto rollout = rollout_with(spi, id);
  if (!rollout) return kNever;
  const Oid base = pg::schema_oid(rollout->base);
  if (!OidIsValid(base)) return kNever;
  // In the order of require_gate_control.
  pg::wait_for_database_settings();
  const version::VersionLock lock(base);
  if (!lock_row(spi, id)) return pg::now() + kRetry;
  rollout = rollout_with(spi, id);
  if (!rollout || (rollout->phase != Phase::kRunning && rollout->phase != Phase::kAwaitingApproval))
    return kNever;
  if (rollout->place != pg::database_identity())
    return stopped(spi, *rollout, Phase::kPaused,
                   "This is another database than the one it was begun in: a copy, or upgraded.");
  if (!rollout->problem.empty()) return stopped(spi, *rollout, Phase::kHalted, rollout->problem);
  if (const std::string change = gate_changed(*rollout, lock_gate(spi, rollout->base));
      !change.empty())
    return stopped(spi, *rollout, Phase::kPaused, change);
  if (rollout->phase == Phase::kAwaitingApproval) return await_approval(spi, *rollout);
  if (found.step != rollout->step || found.began_at != rollout->began_at) return pg::now();
  return judge_step(spi, *rollout, found);
}

bool being_loaded() {
  pg::OwnerSpi spi;
  return provenance::chain_awaited() ||
         !spi.query_now(
                 "SELECT FROM strata.rollout AS r WHERE r.ended_at IS NULL AND NOT EXISTS "
                 "(SELECT FROM strata.base_schema AS b WHERE b.base = r.base)")
              .empty();
}

std::vector<int64_t> going_on() {
  pg::OwnerSpi spi;
  return open_rollouts(spi);
}

}  // namespace strata::rollout
