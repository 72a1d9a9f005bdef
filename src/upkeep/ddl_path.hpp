// The path of a DDL statement through the upkeep of versions: before the server runs it, and after.
#pragma once

#include "guard/attempts.hpp"
#include "pg/guard.hpp"

extern "C" {
#include "tcop/cmdtag.h"
#include "tcop/utility.h"
}

namespace strata::upkeep {

class Step;

// Prepares the versions for the statement: refuses what would break one, locks version views before
// their tables, and detaches what is about to change. Returns null when there is nothing to do
// afterwards. May put a changed copy in place of *planned, and sets *skip when the statement is
// already carried out (every type it drops was adopted by a version). Says in `attempt` which
// tracked schema the statement is about. Raises class ST errors for refusals, and 55P03 when locks
// take longer than lock_timeout.
Step* before(PlannedStmt** planned, bool* skip, QueryCompletion* completion,
             guard::Attempt* attempt);

// Brings the versions back after the statement and checks that inserts through them still work.
void after(Step* step);

// Installs the callback that forgets, at the end of a transaction, which tables lost their names in
// it.
void watch_transactions();

}  // namespace strata::upkeep
