// The hooks through which the server reaches the upkeep of versions.
#pragma once

namespace strata::upkeep {

// Installs ProcessUtility_hook and object_access_hook. Called once from _PG_init.
void install_hooks();

}  // namespace strata::upkeep
