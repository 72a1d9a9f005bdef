// Column defaults of version views, where what they call or write to goes and comes back.
#pragma once

#include "catalog/registry.hpp"

namespace strata::version {

// Drops all defaults of a view that has lost its base: they may call what goes with it.
void drop_defaults(const catalog::VersionView& view);

// Sets the contract's defaults that the view does not have. One that cannot be set any more is told
// by a warning and left to the base.
void restore_defaults(const catalog::VersionView& view);

}  // namespace strata::version
