// Version views that lost their base relation, or themselves.
//
// Called after DDL that makes names (upkeep/swap.cpp) and by repair (health.cpp).
#pragma once

#include "catalog/registry.hpp"

namespace strata::version {

// Returns true when `taker` is a table or view and its owner may decide what the versions of `base`
// show: he has the rights of the owner of `view` (the lost relation's), or of the role that is
// accountable for the base schema. Else anybody who may create a table there could serve the
// clients of a version. `view` may be InvalidOid.
bool may_take_place(const catalog::BaseSchema& base, Oid view, Oid taker);

// Points orphaned version views at relations that now have their names in the base schema, columns
// for everything their contracts promise and a rightful owner, with a NOTICE each. Others stay as
// they are.
void adopt_orphans();

// Makes the version view read `base` by its contract: each column from the base column of the
// mapping's name, or of its own name, converted to the contract's type. Raises ST004 when a column
// has none. The view belongs to the owner of `base` from then on.
void rebuild(const catalog::VersionView& view, Oid base);

}  // namespace strata::version
