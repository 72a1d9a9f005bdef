// Who uses a type.
#pragma once

#include "catalog/registry.hpp"

namespace strata::ddl {

// Returns true when nothing uses the type or its array type, or only version views do.
bool only_versions_use(const catalog::Registry& registry, Oid type);

}  // namespace strata::ddl
