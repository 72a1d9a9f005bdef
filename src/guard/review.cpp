// strata.approve, strata.reject, strata.withdraw: what others say to a proposal.
#include "guard/proposal_rows.hpp"
#include "guard/rights.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "provenance/call.hpp"

namespace strata::guard {
namespace {

// Locks the proposal against other reviews and its use until the transaction ends, and returns it
// as it is then. Raises 42704 when there is none.
ProposalRow lock(int64_t id) {
  {
    pg::OwnerSpi spi;
    spi.query("SELECT FROM strata.proposal WHERE proposal_id = $1 FOR UPDATE",
              {pg::SqlArg::int8(id)});
  }
  auto proposal = proposal_with(id);
  if (proposal) return std::move(*proposal);
  throw Error(ERRCODE_UNDEFINED_OBJECT, fmt::format("there is no proposal {}", id), "",
              "SELECT proposal_id, title, state FROM strata.proposals;");
}

// By number, because names can change; and by name, because a role that is dropped and made again
// has another number.
bool is_author(const ProposalRow& proposal) {
  return proposal.author == session_role() || proposal.author_name == session_role_name();
}

void refuse_author(const ProposalRow& proposal, const char* what) {
  if (!is_author(proposal)) return;
  throw Error(ERRCODE_INSUFFICIENT_PRIVILEGE,
              fmt::format("cannot {} your own proposal {}", what, proposal.id),
              fmt::format("Its author is \"{}\", who never counts, whatever role is set.",
                          proposal.author_name),
              "Ask another member of strata_approver; strata.withdraw() takes it back.");
}

// Raises unless the proposal can still be decided on.
void require_open(const ProposalRow& proposal, const char* what, bool lapsed_too) {
  std::string state = state_of(proposal, needed(proposal, proposal.risk));
  if (state == "expired" && lapsed_too) return;
  if (std::none_of(proposal.statements.begin(), proposal.statements.end(),
                   [](const StoredStatement& s) { return s.counts && !s.used; }) &&
      proposal.closed.empty())
    state = "applied";
  if (state == "proposed" || state == "approved" || (state == "stale" && lapsed_too)) return;
  throw Error(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
              fmt::format("cannot {} proposal {}: it is {}", what, proposal.id, state),
              state == "stale" ? "Its text is not what it was when it was proposed." : "",
              "Propose the statements again with strata.propose().");
}

void close(int64_t id, const char* state, const std::optional<std::string>& comment) {
  pg::OwnerSpi spi;
  spi.run(
      "UPDATE strata.proposal SET closed = $2, closed_at = pg_catalog.clock_timestamp(), "
      "closed_by = session_user, closed_comment = $3 WHERE proposal_id = $1",
      {pg::SqlArg::int8(id), pg::SqlArg::text(state), pg::SqlArg::text_or_null(comment)});
}

}  // namespace

STRATA_CHANGE(approve) {
  args.require(0, "proposal");
  require_member(kApprover, "approve proposals");
  const auto comment = args.optional_text(1);
  const ProposalRow proposal = lock(args.int8(0));
  refuse_author(proposal, "approve");
  require_open(proposal, "approve", false);
  if (is_stale(proposal))
    throw Error(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                fmt::format("cannot approve proposal {}: it is stale", proposal.id),
                "What it touches has changed shape since it was proposed.",
                "Propose the statements again with strata.propose().");
  pg::OwnerSpi spi;
  const uint64_t given = spi.run(
      "INSERT INTO strata.proposal_approval (proposal_id, approver, approver_name, digest, "
      "approved_at, comment) VALUES ($1, $2, $3, pg_catalog.decode($4, 'hex'), "
      "pg_catalog.clock_timestamp(), $5) ON CONFLICT DO NOTHING",
      {pg::SqlArg::int8(proposal.id), pg::SqlArg::oid(session_role()),
       pg::SqlArg::name(session_role_name()), pg::SqlArg::text(proposal.digest),
       pg::SqlArg::text_or_null(comment)});
  if (given == 0)
    throw Error(ERRCODE_DUPLICATE_OBJECT,
                fmt::format("you have approved proposal {} already", proposal.id),
                "Each approval it needs is another person's.");
  return args.none();
}

STRATA_CHANGE(reject) {
  args.require(0, "proposal");
  require_member(kApprover, "reject proposals");
  const auto comment = args.optional_text(1);
  const ProposalRow proposal = lock(args.int8(0));
  refuse_author(proposal, "reject");
  require_open(proposal, "reject", true);
  close(proposal.id, "rejected", comment);
  return args.none();
}

STRATA_CHANGE(withdraw) {
  args.require(0, "proposal");
  const auto comment = args.optional_text(1);
  const ProposalRow proposal = lock(args.int8(0));
  if (!is_author(proposal)) require_member(kApprover, "withdraw proposals of others");
  require_open(proposal, "withdraw", true);
  close(proposal.id, "withdrawn", comment);
  return args.none();
}

}  // namespace strata::guard
