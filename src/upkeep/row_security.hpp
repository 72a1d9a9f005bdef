// Row security under versions that run with their owner's rights.
#pragma once

#include "catalog/registry.hpp"
#include "ddl/statement.hpp"

namespace strata::upkeep {

// Raises ST004 for ENABLE ROW LEVEL SECURITY on a table that a version published with security
// owner shows: its policies would be asked about the view's owner, not about the caller, as publish
// refuses it for tables that have it. A warning under on_break = follow and in record mode.
void refuse_row_security(const catalog::Registry& registry, const ddl::Statement& statement,
                         Node* tree);

// Raises ST004 when the view runs with its owner's rights and `to`, which it is to read, has row
// security.
void require_no_row_security(const catalog::VersionView& view, Oid to);

}  // namespace strata::upkeep
