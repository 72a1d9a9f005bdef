// COPY into and out of version views.
#pragma once

#include "catalog/registry.hpp"

namespace strata::rewrite {

// Returns the version view that a COPY names; nothing when it names none, or one that cannot be
// copied into.
std::optional<catalog::VersionView> copied_view(const Node* statement);

// Returns COPY view TO as a COPY of a query, which the server can carry out.
CopyStmt* copy_of_query(CopyStmt* statement, const catalog::VersionView& view);

// Carries out COPY view FROM: inserts all rows into the view by one statement, so that it is
// rewritten like any other. Raises what COPY and INSERT raise; 0A000 for FREEZE. Returns the number
// of rows.
uint64_t copy_from(const PlannedStmt* planned, const catalog::VersionView& view, const char* text);

}  // namespace strata::rewrite
