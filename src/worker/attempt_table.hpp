// Rows of strata.attempt, made of entries of the shared queue.
#pragma once

#include "pg/shared_queue.hpp"
#include "pg/spi.hpp"

namespace strata::worker {

// A connection that inserts; lives inside a transaction.
class AttemptTable {
 public:
  void insert(const pg::QueuedAttempt& attempt);

  // One row that says how many are missing.
  void insert(const pg::LostAttempts& lost);

 private:
  pg::Spi spi_;
};

}  // namespace strata::worker
