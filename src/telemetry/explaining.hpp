// Whether an EXPLAIN without ANALYZE is under way: what it plans is not run.
#pragma once

namespace strata::telemetry {

// Returns true while the server works on such a statement, at whatever depth.
bool explaining() noexcept;

// Installs the hook that tells. Called once from _PG_init.
void watch_explain();

}  // namespace strata::telemetry
