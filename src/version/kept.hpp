// What outlives a version because others still need it: adopted types, and indexes made for
// look-ups.
//
// Called by strata.retire.
#pragma once

#include "catalog/registry.hpp"
#include "pg/spi.hpp"

namespace strata::version {

// Moves the types that the version's schema adopted to the next version that shows them.
void hand_on_adopted_types(pg::Spi& spi, const catalog::Version& version);

// Drops kept indexes of tables that no live version reads any more.
void drop_unneeded_indexes(pg::Spi& spi);

}  // namespace strata::version
