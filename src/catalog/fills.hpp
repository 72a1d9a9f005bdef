// strata.column_fill: what inserts through versions store in columns they do not show.
//
// Called by the check of insertability.
#pragma once

#include "pg/guard.hpp"

namespace strata::catalog {

// Returns true when the column has a fill expression.
bool is_filled(Oid relation, const std::string& column);

}  // namespace strata::catalog
