// Owns: finding and using approvals (see proposals.hpp).
#include "guard/proposals.hpp"

#include <array>

#include "guard/digest.hpp"
#include "guard/parse.hpp"
#include "guard/policies.hpp"
#include "guard/proposal_rows.hpp"
#include "guard/rights.hpp"
#include "pg/catalog_watch.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "pg/session.hpp"
#include "pg/table_scan.hpp"

extern "C" {
#include "commands/extension.h"
#include "utils/timestamp.h"
}

namespace strata::guard {
namespace {

// When the last proposal was made that nobody has closed; told by the trigger of strata.proposal.
bool stale = true;
TimestampTz last_open = DT_NOBEGIN;
Oid proposal_table = InvalidOid;

void forget(Oid relid) noexcept {
  if (relid == InvalidOid || relid == proposal_table) stale = true;
}

void read_last_open() {
  // The positions of the columns; the install script keeps them for ever.
  constexpr int kProposedAt = 11;
  constexpr int kClosed = 15;
  stale = false;
  try {
    const pg::TableRows rows = pg::read_table("strata", "proposal");
    proposal_table = rows.relid();
    last_open = DT_NOBEGIN;
    for (int i = 0; i < rows.count(); i++)
      if (rows.is_null(i, kClosed)) last_open = std::max(last_open, rows.int8(i, kProposedAt));
    if (!OidIsValid(proposal_table)) stale = true;
  } catch (...) {
    stale = true;
    throw;
  }
}

// Returns false when no proposal can be in force, which is the usual case.
bool any_open() {
  if (stale) read_last_open();
  return last_open > GetCurrentTimestamp() - kLongestDays * USECS_PER_DAY;
}

// Returns true when the text is of this statement. Its names have the same meaning.
bool covers(const std::string& text, const Canonical& statement) {
  const std::vector<Statement> parsed = parse(text);
  return parsed.size() == 1 &&
         same_statement(canonical_with(parsed[0].tree, statement.names), statement.tree);
}

// The nearer one says what is left to do.
bool nearer(const std::string& state, const std::optional<NearMatch>& than) {
  constexpr std::array<std::string_view, 6> kFarToNear = {"used",    "withdrawn", "rejected",
                                                          "expired", "stale",     "proposed"};
  const auto rank = [&](std::string_view s) {
    return std::find(kFarToNear.begin(), kFarToNear.end(), s) - kFarToNear.begin();
  };
  return !than || rank(state) > rank(than->state);
}

}  // namespace

std::optional<Match> matching_proposal(const Node* statement, const std::string& base,
                                       const Judgement& judgement, std::optional<NearMatch>* near) {
  if (!any_open()) return std::nullopt;
  const Canonical meant = canonical(statement);
  for (const Candidate& candidate :
       candidates(base, command(const_cast<Node*>(statement)), meant, effective_path())) {
    if (!covers(candidate.text, meant)) continue;
    const auto proposal = proposal_with(candidate.proposal);
    const StoredStatement* row = proposal ? proposal->statement(candidate.statement_no) : nullptr;
    if (row == nullptr) continue;
    const int enough = needed(*proposal, judgement.risk, judgement.bases);
    std::string state = row->used ? "used" : state_of(*proposal, enough);
    Shapes shapes;
    if (state == "approved" && !is_fresh(*row, shapes)) state = "stale";
    if (state == "approved")
      return Match{proposal->id, row->number, proposal->approvals, enough, {}, false};
    if (near != nullptr && nearer(state, *near))
      *near = NearMatch{proposal->id, row->number, state, proposal->approvals, enough};
  }
  return std::nullopt;
}

std::optional<Match> proposal_with_step(const Node* statement, const std::string& base,
                                        const Judgement& judgement) {
  if (!any_open()) return std::nullopt;
  pg::Subtransaction look;
  try {
    auto match = matching_proposal(statement, base, judgement);
    look.commit();
    if (match) match->is_free = true;
    return match;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void consume(Match& match) {
  pg::OwnerSpi spi;
  const auto open =
      spi.query("SELECT FROM strata.proposal WHERE proposal_id = $1 AND closed IS NULL FOR SHARE",
                {pg::SqlArg::int8(match.proposal)});
  const uint64_t used =
      open.empty() ? 0
                   : spi.run(
                         "INSERT INTO strata.proposal_use (proposal_id, statement_no, used_at, "
                         "used_by) VALUES ($1, $2, pg_catalog.clock_timestamp(), session_user) "
                         "ON CONFLICT DO NOTHING",
                         {pg::SqlArg::int8(match.proposal), pg::SqlArg::int4(match.statement_no)});
  if (used == 0 && match.is_free) return;
  if (used == 0)
    throw Error(sqlstate::kNeedsApproval,
                fmt::format("statement {} of proposal {} can no longer be used", match.statement_no,
                            match.proposal),
                open.empty() ? "The proposal was closed meanwhile."
                             : "Another session has run it meanwhile; an approval is for one use.",
                "Propose it again with strata.propose().");
  const auto proposal = proposal_with(match.proposal);
  if (!proposal) return;
  Shapes shapes;
  for (const StoredStatement& row : proposal->statements)
    if (!row.used && row.utility && row.number != match.statement_no && is_fresh(row, shapes))
      match.fresh.push_back(row.number);
}

void settle(const Match& match) {
  // The statement may have been DROP EXTENSION; the session's own answer is of before it.
  if (!OidIsValid(pg::call([] { return get_extension_oid("pg_strata", true); }))) return;
  const auto proposal = proposal_with(match.proposal);
  if (!proposal) return;
  pg::command_counter_increment();
  Shapes shapes;
  for (const StoredStatement& row : proposal->statements) {
    if (std::find(match.fresh.begin(), match.fresh.end(), row.number) == match.fresh.end())
      continue;
    const std::string now = fingerprint_now(row, shapes);
    if (now.empty() || now == row.shape) continue;
    pg::OwnerSpi spi;
    spi.run(
        "INSERT INTO strata.proposal_shape (proposal_id, statement_no, after_no, fingerprint) "
        "VALUES ($1, $2, $3, pg_catalog.decode($4, 'hex'))",
        {pg::SqlArg::int8(match.proposal), pg::SqlArg::int4(row.number),
         pg::SqlArg::int4(match.statement_no), pg::SqlArg::text(now)});
  }
}

void watch_proposals() {
  pg::on_relation_change(forget);
}

}  // namespace strata::guard
