// Making a write mapping from the catalogs.
#pragma once

#include "catalog/registry.hpp"
#include "rewrite/write_mapping.hpp"

namespace strata::rewrite {

// Returns the mapping of a version view, in the current memory context. Raises ST006 when a base
// column that the mapping writes cannot be found, or a fill cannot be parsed any more.
WriteMapping* build_mapping(const catalog::VersionView& view);

}  // namespace strata::rewrite
