// Rows of strata.attempt, made of entries of the shared queue, and linked into the chain.
#pragma once

#include "pg/shared_queue.hpp"

namespace strata::worker {

// Returns the name of the base schema that a statement was about; empty for none, or when it is
// gone.
std::string base_of(const pg::QueuedAttempt& attempt);

void insert_attempt(const pg::QueuedAttempt& attempt);

// One row that says how many are missing.
void insert_lost(const pg::LostAttempts& lost);

}  // namespace strata::worker
