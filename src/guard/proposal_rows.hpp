// Proposals as they are stored, and what state they are in.
//
// Read with the rights of the extension's owner, as committed now.
#pragma once

#include "guard/digest.hpp"
#include "model/policy.hpp"

namespace strata::guard {

// An approval is valid for 7 days, and so is a proposal that waits for one: none is in force for
// longer than both.
constexpr int kLongestDays = 14;

struct StoredStatement : Proposed {
  std::string shape;  // the fingerprint that counts now: after other statements of the proposal ran
  bool utility = false;
  bool counts = false;
  bool used = false;
};

struct ProposalRow {
  int64_t id = 0;
  std::string base;
  std::string ddl;
  model::Risk risk = model::Risk::Low;
  bool demanded = false;
  std::string digest;
  Oid author = InvalidOid;
  std::string author_name;
  std::string closed;                 // rejected, withdrawn or empty
  bool lapsed = false;                // as long ago as an approval is valid
  int approvals = 0;                  // for this digest
  std::vector<bool> approval_lapsed;  // of each, in the order they were given
  std::vector<StoredStatement> statements;

  // Returns null when it has none of that number.
  const StoredStatement* statement(int32_t number) const;
};

// Returns nullopt when there is none.
std::optional<ProposalRow> proposal_with(int64_t id);

// A statement of a proposal that may be the one that is looked for.
struct Candidate {
  int64_t proposal;
  int32_t statement_no;
  std::string text;
};

// Returns the statements of that command, with names of the same meaning, in proposals for the base
// schema that may be in force; the most recent proposal first.
std::vector<Candidate> candidates(const std::string& base, const std::string& command,
                                  const Canonical& statement, const std::string& path);

// Returns how many approvals it needs at this risk, or at its own if that is higher.
int needed(const ProposalRow& proposal, model::Risk risk);

// The same for a statement that touches these base schemas: the strictest of their rules and that
// of the proposal's own; of none, that for everywhere. Else a table of another base schema in the
// same DROP would make it cheaper.
int needed(const ProposalRow& proposal, model::Risk risk, const std::vector<std::string>& touched);

// Returns the state as strata.proposals shows it, but for what other than its own rows makes it
// stale. `needed`: approvals, as above.
std::string state_of(const ProposalRow& proposal, int needed);

// Returns true when what the statement touches has the shape it is to have.
bool is_fresh(const StoredStatement& statement, Shapes& shapes);

// Returns the fingerprint of the shape it touches now; empty when its names mean something else.
std::string fingerprint_now(const StoredStatement& statement, Shapes& shapes);

// Returns true when some statement that has not run is not fresh, or the rows do not fit the
// digest.
bool is_stale(const ProposalRow& proposal);

}  // namespace strata::guard
