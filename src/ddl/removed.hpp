// All that a DROP would remove, walked through pg_depend before anything is locked.
//
// The same walk as ddl/closure, which looks for versions only and ends at them; this one keeps what
// it reaches. It follows core's findDependentObjects (src/backend/catalog/dependency.c) and ends at
// version views too: they survive what they read, or the drop is refused.
#pragma once

#include "catalog/registry.hpp"
#include "pg/depend.hpp"

namespace strata::ddl {

struct Removed {
  pg::Object object;
  bool by_cascade = false;  // only CASCADE takes it along
  bool is_part = false;     // an internal part of another one that goes
};

// Returns the roots and what goes with them, in the order it is reached.
std::vector<Removed> removed_by(const catalog::Registry& registry,
                                const std::vector<pg::Object>& roots, bool cascade);

}  // namespace strata::ddl
