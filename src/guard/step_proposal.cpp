// Owns: the text of proposals for steps, and their use (see step_proposal.hpp).
#include "guard/step_proposal.hpp"

#include "guard/new_proposal.hpp"
#include "guard/proposal_rows.hpp"
#include "pg/session.hpp"

namespace strata::guard {

int64_t propose_step(const StepToPropose& step) {
  const std::string call = fmt::format("SELECT strata.move_rollout({}, 'running', {})",
                                       pg::quote_literal(pg::quote(step.base)), step.step);
  NewProposal proposal;
  proposal.base = step.base;
  proposal.title = fmt::format("Rollout {} of schema {}: step {} of {}", step.rollout,
                               pg::quote(step.base), step.step, step.steps);
  // Approvals are of this text.
  proposal.ddl =
      fmt::format("-- Version {} for {} ppm of the clients, instead of version {}.\n{};",
                  pg::quote(step.candidate), step.weight_ppm, pg::quote(step.stable), call);
  proposal.author = OidIsValid(step.author) ? step.author : pg::extension_owner();
  proposal.author_name = step.author_name;
  proposal.risk = model::Risk::High;
  proposal.demanded = true;
  NewStatement statement;
  statement.proposed.number = 1;
  statement.proposed.command = "SELECT";
  statement.proposed.text = call;
  statement.proposed.search_path = "pg_catalog, pg_temp";
  statement.risk = model::Risk::High;
  proposal.statements = {statement};
  return write_proposal(proposal);
}

StepReview review_of(int64_t id) {
  const auto proposal = proposal_with(id);
  if (!proposal)
    return {StepReview::Kind::kClosed, fmt::format("Proposal {} is not there any more.", id)};
  const std::string state = state_of(*proposal, needed(*proposal, proposal->risk));
  if (state == "proposed") return {};
  if (state == "approved") return {StepReview::Kind::kApproved, {}};
  return {StepReview::Kind::kClosed, fmt::format("Proposal {} is {}.", id, state)};
}

bool use_step(int64_t proposal) {
  pg::Spi spi;
  return !spi.query(
                 "SELECT FROM strata.proposal WHERE proposal_id = $1 AND closed IS NULL "
                 "FOR SHARE",
                 {pg::SqlArg::int8(proposal)})
              .empty() &&
         spi.run(
             "INSERT INTO strata.proposal_use (proposal_id, statement_no, used_at, used_by) "
             "VALUES ($1, 1, pg_catalog.clock_timestamp(), session_user) "
             "ON CONFLICT DO NOTHING",
             {pg::SqlArg::int8(proposal)}) > 0;
}

void withdraw_step(int64_t proposal, const std::string& reason) {
  pg::Spi spi;
  spi.run(
      "UPDATE strata.proposal AS p SET closed = 'withdrawn', "
      "closed_at = pg_catalog.clock_timestamp(), closed_by = session_user, closed_comment = $2 "
      "WHERE p.proposal_id = $1 AND p.closed IS NULL AND NOT EXISTS (SELECT "
      "FROM strata.proposal_use AS u WHERE u.proposal_id = p.proposal_id)",
      {pg::SqlArg::int8(proposal), pg::SqlArg::text(reason)});
}

}  // namespace strata::guard
