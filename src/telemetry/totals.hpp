// The table strata.usage_total: what was used of each version, by operation, since ever. Of
// strata.usage old rows go, and what is only in memory goes with a crash; here nothing does but by
// strata.reset_stats(), so that a monitoring system can take differences.
#pragma once

#include "pg/shared_counters.hpp"
#include "pg/spi.hpp"

namespace strata::telemetry {

// Adds counters to the table; for the worker that adds them to strata.usage.
void add_to_totals(pg::Spi& spi, const std::vector<pg::Counter>& counters);

}  // namespace strata::telemetry
