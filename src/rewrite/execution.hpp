// Running plans that write through versions.
#pragma once

namespace strata::rewrite {

// Installs the executor hooks that put errors into the version's words. Called once.
void install_execution_hooks();

}  // namespace strata::rewrite
