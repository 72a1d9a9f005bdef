// Owns: the order of the decision (see admit.hpp).
#include "guard/admit.hpp"

#include "catalog/registry.hpp"
#include "ddl/elsewhere.hpp"
#include "ddl/facts.hpp"
#include "guard/admission.hpp"
#include "guard/empty_tables.hpp"
#include "guard/overrides.hpp"
#include "guard/proposals.hpp"
#include "guard/recheck.hpp"
#include "guard/refusal.hpp"
#include "guard/windows.hpp"
#include "pg/clock.hpp"
#include "pg/lock.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"

namespace strata::guard {
namespace {

// Returns the base schemas whose overrides, proposals and windows count; one without a name stands
// for what belongs to no base schema.
std::vector<std::string> scopes_of(const Judgement& judgement) {
  if (judgement.bases.empty()) return {std::string()};
  return judgement.bases;
}

// Returns true when glass was broken for all of it.
bool overridden(const Admission* admission) {
  const std::vector<std::string> scopes = scopes_of(admission->judgement);
  return std::all_of(scopes.begin(), scopes.end(),
                     [](const std::string& base) { return active_override(base).has_value(); });
}

// A proposal is for one base schema; what touches several of them, or none, passes with a proposal
// for any: whoever approved saw the statement, and the strictest rule says how many have to.
void need_approval(Admission* admission, Node* tree) {
  std::vector<std::string> scopes = admission->judgement.bases;
  if (scopes.empty())
    for (const catalog::BaseSchema& base : catalog::registry().bases())
      scopes.push_back(base.name);
  std::optional<NearMatch> near;
  for (const std::string& base : scopes) {
    admission->match = matching_proposal(tree, base, admission->judgement, &near);
    if (admission->match) return;
  }
  refuse_without_approval(admission->facts, admission->judgement, scopes.front(), near);
}

void name_windows(Admission* admission) {
  const int64_t now = pg::now();
  for (const std::string& base : scopes_of(admission->judgement)) {
    const auto names = windows_around(base.empty() ? InvalidOid : pg::schema_oid(base), now);
    admission->windows.insert(names.begin(), names.end());
  }
}

void need_window(Admission* admission) {
  const int64_t now = pg::now();
  for (const std::string& base : scopes_of(admission->judgement)) {
    const Oid schema = base.empty() ? InvalidOid : pg::schema_oid(base);
    const WindowState state = window_state(schema, now);
    if (!state.open()) refuse_outside_window(admission->facts, admission->judgement, base);
    admission->in_window = true;
    admission->cutoff = std::min(admission->cutoff, state.until);
    if (!state.ends_later) admission->window_end = std::min(admission->window_end, state.ends);
  }
}

// What follows the registry in the dump that brought it makes the rest of what was dumped: keys,
// triggers, grants. It takes nothing away.
bool completes_dump(const Admission* admission) {
  return pg::replays_dump() && catalog::registry().came_with_dump() &&
         admission->facts.drops.empty() &&
         !admission->judgement.hazards.has(model::Hazard::DataLoss);
}

void decide(Admission* admission, Node* tree) {
  const Judgement& judgement = admission->judgement;
  if (judgement.action == model::Action::Allow || completes_dump(admission)) return;
  if (judgement.action == model::Action::Warn) return warn(admission->facts, judgement);
  if (model::needs_window(judgement.action)) name_windows(admission);
  if (overridden(admission)) return;
  if (judgement.action == model::Action::Refuse) refuse_by_policy(admission->facts, judgement);
  if (model::needs_approval(judgement.action)) need_approval(admission, tree);
  if (model::needs_window(judgement.action)) need_window(admission);
}

void look(Admission* admission, Node* tree) {
  admission->facts = ddl::facts_of(tree);
  admission->judgement = judge(admission->facts);
}

// A step of an approved proposal that passes anyway.
void follow_proposal(Admission* admission, Node* tree) {
  for (const std::string& base : admission->judgement.bases) {
    if (admission->match) return;
    admission->match = proposal_with_step(tree, base, admission->judgement);
  }
}

// What fails on a tracked schema is kept, too.
void name_base(Attempt* attempt, const Judgement& judgement, Node* tree) {
  if (OidIsValid(attempt->base) || judgement.bases.empty()) return;
  const std::string& base = judgement.bases.front();
  set_base(*attempt, pg::schema_oid(base), base);
  attempt->failures = !IsA(tree, LockStmt);
}

}  // namespace

Admission* describe(Node* tree, Attempt* attempt) {
  if (ddl::surely_elsewhere(tree)) return nullptr;
  MemoryContext const context = pg::make_context("pg_strata admission");
  auto* admission = pg::make_in<Admission>(context, context);
  look(admission, tree);
  while (IsA(tree, TruncateStmt) && !admission->judgement.hazards.has(model::Hazard::DataLoss) &&
         lock_empty_tables(castNode(TruncateStmt, tree), admission->facts))
    look(admission, tree);
  name_base(attempt, admission->judgement, tree);
  return admission;
}

Admission* admit(Node* tree, Attempt* attempt) {
  Admission* admission = describe(tree, attempt);
  if (admission == nullptr) return nullptr;
  decide(admission, tree);
  follow_proposal(admission, tree);
  return admission;
}

void use(Admission* admission) {
  if (admission->match) consume(*admission->match);
  if (!admission->in_window) return;
  for (const std::string& base : scopes_of(admission->judgement))
    recheck_at_commit(base);
  // What commits in between cannot have settings of its own, and what is stopped in its midst
  // leaves an invalid index or a partition half detached: it may finish.
  if (!admission->facts.transactional) return;
  if (admission->window_end != model::kEndOfTime) pg::end_statement_by(admission->window_end);
  pg::LockDeadline deadline;
  deadline.no_later_than(wait_until(admission));
  admission->timeout_level = deadline.begin_rest();
}

void end(Admission* admission) {
  pg::LockDeadline::end_rest(admission->timeout_level);
}

void discard(Admission* admission) {
  MemoryContextDelete(admission->context);
}

void settle(Admission* admission) {
  if (admission->match) settle(*admission->match);
  discard(admission);
}

int64_t wait_until(const Admission* admission) {
  return admission->cutoff == model::kEndOfTime ? 0 : admission->cutoff;
}

}  // namespace strata::guard
