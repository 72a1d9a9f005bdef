// What a rollout does by itself: looked at by the background worker, in two transactions, so that
// nobody waits for a user's query with our locks held.
#pragma once

#include "rollout/rollout_rows.hpp"
#include "rollout/sql_check.hpp"

namespace strata::rollout {

constexpr int64_t kNever = INT64_MAX;

// What was found at a look: it counts only for the step that was looked at.
struct Findings {
  int32_t step = 0;
  std::optional<int64_t> began_at;
  std::optional<model::Sample> sample;  // none: a version is not live
  std::vector<Answer> answers;          // of the sql checks, in their order
};

// Returns what there is to be seen of a rollout now.
Findings look(int64_t id);

// Does what follows; returns when to look again, in microseconds since 2000-01-01; kNever: when
// something of it is changed.
int64_t act(int64_t id, const Findings& found);

// Returns the numbers of all rollouts that have not ended.
std::vector<int64_t> going_on();

// Returns true when a dump is being loaded that they came with.
bool being_loaded();

}  // namespace strata::rollout
