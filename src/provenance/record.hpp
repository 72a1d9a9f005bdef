// The recorder: what a statement on a tracked schema did, and the migration it is part of.
//
// Scope: transaction. Called by the DDL path around the statement; a statement that is about no
// tracked schema does not come here.
#pragma once

#include "guard/attempts.hpp"

extern "C" {
#include "nodes/plannodes.h"
}

namespace strata::provenance {

// Returns false for a statement on a tracked schema that will change nothing: LOCK, ANALYZE,
// VACUUM without FULL, and TRUNCATE of tables without a row.
bool changes_something(const Node* tree);

// Records a statement that has run. `attempt` says which tracked schema it is about.
void record(const PlannedStmt* planned, const guard::Attempt& attempt);

// Installs what finishes the migration at the end of the transaction. Called once from _PG_init.
void watch_migrations();

}  // namespace strata::provenance
