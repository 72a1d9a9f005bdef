// Version views that lost their base relation, or themselves.
//
// Called after DDL that makes names (upkeep/swap.cpp) and by repair (health.cpp).
#pragma once

#include "catalog/registry.hpp"

namespace strata::version {

// Points orphaned version views at relations that now have their names in the base schema and
// columns for everything their contracts promise, with a NOTICE each. Others stay as they are.
void adopt_orphans();

// Makes the version view read `base` by its contract: each column from the base column of the
// mapping's name, or of its own name, converted to the contract's type. Raises ST004 when a column
// has none.
void rebuild(const catalog::VersionView& view, Oid base);

}  // namespace strata::version
