// A transaction that needed a window must commit in it: a statement may start in time and end, or
// wait for its COMMIT, long after.
//
// Owns: what this transaction has to be asked about again. Scope: transaction.
#pragma once

#include <string>

namespace strata::guard {

// Has the windows of the base schema (empty: those that are for all) looked at again before the
// transaction commits, unless the work of this subtransaction is rolled back before.
void recheck_at_commit(const std::string& base);

// Installs the callbacks that do it: before a commit the window must still be open, or at its
// cutoff and not yet at its end (ST002 otherwise); a transaction that needed a window cannot be
// prepared (ST002), because nobody knows when it will commit. Called once from _PG_init.
void watch_commits();

}  // namespace strata::guard
