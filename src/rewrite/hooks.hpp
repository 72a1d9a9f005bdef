// The hook of the write path.
#pragma once

namespace strata::rewrite {

// Installs it, behind what is installed already. Called once from _PG_init.
void install_hooks();

}  // namespace strata::rewrite
