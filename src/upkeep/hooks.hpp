// The hooks through which the server reaches the upkeep of versions.
#pragma once

namespace strata::upkeep {

// Installs ProcessUtility_hook, object_access_hook and post_parse_analyze_hook. Called once from
// _PG_init.
void install_hooks();

// Returns true when nothing of ours may look at catalogs now, or nothing of ours is there.
bool closed();

// Returns true when the guard decides in this session now.
bool guards();

}  // namespace strata::upkeep
