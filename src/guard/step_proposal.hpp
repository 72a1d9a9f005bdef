// Proposals that the library makes by itself, for steps of a rollout that somebody has to approve.
//
// They are approved, rejected and withdrawn as any other, and need the approvals that a proposal of
// high risk needs; their author is whoever started the rollout. To be called as the owner of the
// extension.
#pragma once

#include "pg/guard.hpp"

namespace strata::guard {

struct StepToPropose {
  std::string base;
  std::string author_name;
  Oid author = InvalidOid;  // InvalidOid: the role is gone
  int64_t rollout = 0;
  int32_t step = 0;
  int32_t steps = 0;
  std::string stable;
  std::string candidate;
  int32_t weight_ppm = 0;
};

// Returns the number of the new proposal.
int64_t propose_step(const StepToPropose& step);

// Where the proposal of a step is.
struct StepReview {
  enum class Kind { kOpen, kApproved, kClosed };

  Kind kind = Kind::kOpen;
  std::string reason;  // a sentence, when it is closed
};
StepReview review_of(int64_t proposal);

// Records that an approved proposal was used; waits for others who close it. Returns false when it
// can no longer be.
bool use_step(int64_t proposal);

// Closes a proposal that nobody waits for any more, unless it was used or closed.
void withdraw_step(int64_t proposal, const std::string& reason);

}  // namespace strata::guard
