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

// Raises to refuse. Returns the time by which all locks must be held, on the server's clock; 0 when
// there is none.
using Admit = std::function<int64_t()>;

// Prepares the versions for the statement: refuses what would break one, locks version views before
// their tables, and detaches what is about to change. Returns null when there is nothing to do
// afterwards. May put a changed copy in place of *planned, and sets *skip when the statement is
// already carried out (every type it drops was adopted by a version). Says in `attempt` which
// tracked schema the statement is about. Raises class ST errors for refusals, and 55P03 when locks
// take longer than lock_timeout.
//
// `admit` says whether policies let the statement run, after what would break a version was refused
// and before any lock is taken; it is called again when waiting for locks let the catalogs change.
// It is called for statements that meet no version, too.
Step* before(PlannedStmt** planned, bool* skip, QueryCompletion* completion,
             guard::Attempt* attempt, const Admit& admit);

// Brings the versions back after the statement and checks that inserts through them still work.
void after(Step* step);

// Installs the callback that forgets, at the end of a transaction, which tables lost their names in
// it.
void watch_transactions();

}  // namespace strata::upkeep
