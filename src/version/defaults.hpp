// Column defaults of version views, where what a column reads changes.
//
// The server expands a view's default into every INSERT that leaves the column out, and then
// refuses to assign a column that is no plain column of the base. So such a column must have none:
// inserts leave the base to its own default.
#pragma once

#include "catalog/registry.hpp"

namespace strata::version {

// Drops the defaults of the view's columns that are not plain columns of its base now, and sets
// those of the contract for columns that are plain again.
void align_defaults(const catalog::VersionView& view);

// Drops the default of one column of a version view.
void drop_default(Oid view, AttrNumber attnum);

}  // namespace strata::version
