// TRUNCATE of tables without rows, which is no hazard: as long as there are none.
#pragma once

#include "model/facts.hpp"
#include "pg/prelude.hpp"

namespace strata::guard {

// Locks the tables of base schemas that the statement would empty and that have no rows, as the
// server would do next: whoever is writing to one has to be waited for. Returns true when it locked
// one, so that they have to be looked at again. Without the right to TRUNCATE it locks nothing; the
// server says so.
bool lock_empty_tables(TruncateStmt* statement, const model::StatementFacts& facts);

}  // namespace strata::guard
