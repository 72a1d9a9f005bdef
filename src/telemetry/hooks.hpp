// Watching statements that use versions.
#pragma once

namespace strata::telemetry {

// Installs the executor and planner hooks. Called once from _PG_init, after those of the write
// path: what these say of an error comes first.
void install_hooks();

}  // namespace strata::telemetry
