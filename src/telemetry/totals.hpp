// The table strata.usage_total: what was used of each version, by operation, since ever. Of
// strata.usage old rows go, and what is only in memory goes with a crash; here nothing does but by
// strata.reset_stats(), so that a monitoring system can take differences.
#pragma once

#include "pg/shared_counters.hpp"
#include "pg/spi.hpp"

namespace strata::telemetry {

// Of statements as a whole.
struct Sums {
  int64_t calls = 0;
  int64_t errors = 0;
  int64_t rows = 0;
  int64_t microseconds = 0;
  int64_t sessions = 0;
  int64_t last = 0;  // TimestampTz
};

// By version and operation (model::Operation). A statement is counted once for a version, however
// many relations it uses.
std::map<std::pair<int64_t, int>, Sums> sums_of(const std::vector<pg::Counter>& counters);

// Adds counters to the table; for the worker that adds them to strata.usage.
void add_to_totals(pg::Spi& spi, const std::vector<pg::Counter>& counters);

}  // namespace strata::telemetry
