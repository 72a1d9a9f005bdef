// CREATE INDEX as text, for hints.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg::raw {

// Raise-kind. Returns the statement that makes the index; its keys and predicate are over the
// relation as varno 1.
const char* index_text(const IndexStmt* definition, Oid relation);

}  // namespace strata::pg::raw
