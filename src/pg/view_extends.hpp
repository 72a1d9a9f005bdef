// Whether CREATE OR REPLACE VIEW only appends columns.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns true when the statement leaves the view's query, rows and options as they are and at most
// appends columns. `sources` are the relations its new query reads. Analyzes the old query with the
// rights of the view's owner and the new one with those of the current user, in a subtransaction
// that is rolled back; waits for no lock. False when that cannot be said.
bool view_extends(Oid view, const ViewStmt* statement, const std::vector<Oid>& sources);

}  // namespace strata::pg
