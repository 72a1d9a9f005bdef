// The hooks through which the server reaches the upkeep of versions.
#pragma once

namespace strata::upkeep {

// Installs ProcessUtility_hook, object_access_hook and post_parse_analyze_hook. Called once from
// _PG_init.
void install_hooks();

}  // namespace strata::upkeep
