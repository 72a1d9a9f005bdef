// COPY into and out of version views.
#pragma once

#include "pg/guard.hpp"

namespace strata::rewrite {

// Returns the version view that a COPY names; InvalidOid when it names none.
Oid copied_view(const Node* statement);

// Returns COPY view TO as a COPY of a query, which the server can carry out.
CopyStmt* copy_of_query(CopyStmt* statement, Oid view);

// Carries out COPY view FROM: inserts all rows into the view by one statement, so that it is
// rewritten like any other. Raises what COPY and INSERT raise; 0A000 for FREEZE. Returns the number
// of rows.
uint64_t copy_from(const PlannedStmt* planned, Oid view, const char* text);

}  // namespace strata::rewrite
