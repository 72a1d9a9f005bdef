// How many refused and failed statements there ever were, for strata.metrics.
#pragma once

#include "pg/shared_queue.hpp"

namespace strata::worker {

// Adds the statements that this transaction writes into strata.attempt, and those that were lost,
// to strata.attempt_count. The caller keeps other workers of the database out.
void count_attempts(const pg::QueuedAttempt* attempts, int count, const pg::LostAttempts& lost);

}  // namespace strata::worker
