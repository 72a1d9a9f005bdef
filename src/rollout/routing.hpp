// Sending a session to the versions that gates choose, without its application knowing.
//
// The choice is made at the start of the session, and for each transaction anew where the unit or a
// gate has changed; see docs/decisions/0009-choosing-before-names.md for where that is done.
#pragma once

#include "pg/prelude.hpp"

namespace strata::rollout {

// Called by the settings with new values; raise nothing.
void route_assigned(const char* value, void*);
void unit_assigned(const char* value, void*);

// Installs callbacks and hooks. Called once from _PG_init, after the hooks of DDL and writes, which
// then see names as the route resolves them.
void install_routing();

}  // namespace strata::rollout
