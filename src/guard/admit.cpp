// Owns: the order of the decision (see admit.hpp).
#include "guard/admit.hpp"

#include "ddl/facts.hpp"
#include "guard/admission.hpp"
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
bool overridden(Admission* admission) {
  for (const std::string& base : scopes_of(admission->judgement)) {
    const std::optional<int64_t> id = active_override(base);
    if (!id) return false;
    admission->override_id = *id;
    admission->base = base;
  }
  return true;
}

// A proposal is for one base schema; what touches several of them passes with a proposal for any
// of those: whoever approved saw the statement.
void need_approval(Admission* admission, Node* tree) {
  const std::vector<std::string> scopes = scopes_of(admission->judgement);
  for (const std::string& base : scopes) {
    const std::optional<ProposedStatement> found = matching_proposal(tree, base);
    if (!found) continue;
    admission->proposal_id = found->proposal_id;
    admission->statement_no = found->statement_no;
    admission->base = base;
    return;
  }
  refuse_without_approval(admission->facts, admission->judgement, scopes.front());
}

void need_window(Admission* admission) {
  const int64_t now = pg::now();
  for (const std::string& base : scopes_of(admission->judgement)) {
    const WindowState state = window_state(base, now);
    if (!state.open) refuse_outside_window(admission->facts, admission->judgement, base);
    admission->in_window = true;
    const auto earlier = [](int64_t a, int64_t b) { return a == 0 ? b : std::min(a, b); };
    admission->cutoff = earlier(admission->cutoff, state.until);
    admission->window_end = earlier(admission->window_end, state.end);
  }
}

void decide(Admission* admission, Node* tree) {
  const Judgement& judgement = admission->judgement;
  if (judgement.action == model::Action::Allow) return;
  if (judgement.action == model::Action::Warn) return warn(admission->facts, judgement);
  if (overridden(admission)) return;
  if (judgement.action == model::Action::Refuse) refuse_by_policy(admission->facts, judgement);
  if (model::needs_approval(judgement.action)) need_approval(admission, tree);
  if (model::needs_window(judgement.action)) need_window(admission);
}

// What fails on a tracked schema is kept, too.
void name_base(Attempt* attempt, const Judgement& judgement) {
  if (OidIsValid(attempt->base) || judgement.bases.empty()) return;
  const std::string& base = judgement.bases.front();
  set_base(*attempt, pg::schema_oid(base), base);
  attempt->failures = !judgement.hazards.empty();
}

}  // namespace

Admission* admit(Node* tree, Attempt* attempt) {
  MemoryContext const context = pg::make_context("pg_strata admission");
  auto* admission = pg::make_in<Admission>(context, context);
  admission->facts = ddl::facts_of(tree);
  admission->judgement = judge(admission->facts);
  name_base(attempt, admission->judgement);
  decide(admission, tree);
  return admission;
}

void use(Admission* admission) {
  if (admission->override_id != 0) note_override_use(admission->override_id, admission->facts);
  if (admission->proposal_id != 0) consume(admission->proposal_id, admission->statement_no);
  if (!admission->in_window) return;
  for (const std::string& base : scopes_of(admission->judgement))
    recheck_at_commit(base);
  pg::end_statement_by(admission->window_end);
  // What commits in between cannot have settings of its own.
  if (!admission->facts.transactional) return;
  pg::LockDeadline deadline;
  deadline.no_later_than(admission->cutoff);
  admission->timeout_level = deadline.begin_rest();
}

void end(Admission* admission) {
  pg::LockDeadline::end_rest(admission->timeout_level);
  MemoryContextDelete(admission->context);
}

int64_t wait_until(const Admission* admission) {
  return admission->cutoff;
}

}  // namespace strata::guard
