// Changes that a rollout has to do with, told to the launcher when they are committed.
//
// Scope: transaction.
#pragma once

namespace strata::rollout {

// Has this process tell nobody: the worker knows what it has changed.
void keep_quiet() noexcept;

// Installs the callback. Called once from _PG_init.
void watch_rollouts();

}  // namespace strata::rollout
