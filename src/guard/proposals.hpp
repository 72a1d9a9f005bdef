// Approved proposals, as the DDL path asks for them.
//
//   if (auto match = matching_proposal(statement, base, judgement)) {
//     consume(*match);            // before the statement runs
//     ... the server runs it ...
//     settle(*match);             // after
//   }
//
// All of it happens in the transaction of the statement, with the rights of the extension's owner
// whatever the caller's are, and sees what is committed now, whatever the transaction's snapshot.
#pragma once

#include "guard/judgement.hpp"
#include "pg/guard.hpp"

namespace strata::guard {

struct Match {
  int64_t proposal = 0;
  int32_t statement_no = 0;
  int approvals = 0;
  int needed = 0;

  // Fingerprints of the proposal's other statements that were still right before this one ran, by
  // number: settle() takes them anew, so that a proposal's own steps do not make the rest stale.
  std::vector<int32_t> fresh;

  bool is_free = false;  // the statement passes without it; only its changes are followed
};

// A proposal that has the statement and does not let it run.
struct NearMatch {
  int64_t proposal = 0;
  int32_t statement_no = 0;
  std::string state;  // as in strata.proposals, or used
  int approvals = 0;
  int needed = 0;
};

// Returns the statement of an approved proposal for this base schema that is the same as
// `statement` (equal parse trees with names resolved), has not been used, has not expired, and
// touches what has the shape it had when it was proposed. The most recent proposal comes first.
// `judgement`: of the statement now; the approvals have to be enough for its risk, when that has
// grown, and for each base schema it touches. With no open proposal, this costs next to nothing.
// `near`: receives the closest miss, when there is no match.
std::optional<Match> matching_proposal(const Node* statement, const std::string& base,
                                       const Judgement& judgement,
                                       std::optional<NearMatch>* near = nullptr);

// The same for a statement that passes without approval. What it changes must not make the rest of
// its proposal stale. Raises nothing: what is wrong with the statement, the server says.
std::optional<Match> proposal_with_step(const Node* statement, const std::string& base,
                                        const Judgement& judgement);

// Records the use; waits for another session that is using the same one. Raises ST003 when it has
// been used or the proposal has been closed meanwhile, unless it passes without approval.
void consume(Match& match);

// Takes the shapes that the statement itself has changed for those of the rest of its proposal.
void settle(const Match& match);

// Installs the invalidation callback. Called once from _PG_init.
void watch_proposals();

}  // namespace strata::guard
