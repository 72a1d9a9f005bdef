// The policies and rules of this database, as this session knows them.
//
// Owns: the session's copy, read anew when strata.guard_policy or strata.guard_rule has changed.
// Asked for every judged statement, so nothing here runs SQL.
#pragma once

#include "model/policy.hpp"
#include "pg/guard.hpp"

namespace strata::guard {

// Returns the policies as of now; empty when the extension is not there. The reference, and what
// verdicts point to, hold until the transaction ends.
const model::Policies& policies();

// Returns the rules as of now; the same holds.
const model::Rules& rules();

// Installs the invalidation callbacks. Called once from _PG_init.
void watch_policies();

}  // namespace strata::guard
