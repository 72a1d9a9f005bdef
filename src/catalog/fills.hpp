// strata.column_fill: what inserts through versions store in columns they do not show.
//
// Called by the check of insertability.
#pragma once

#include "pg/guard.hpp"

namespace strata::catalog {

// Returns true when the column has a fill expression.
bool is_filled(Oid relation, const std::string& column);

// Returns the fill expressions of the relation's columns, by the number of the column.
std::map<int32_t, std::string> fills(Oid relation);

}  // namespace strata::catalog
