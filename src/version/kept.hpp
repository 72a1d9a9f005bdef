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

// Moves a type into another schema, under the name that contracts knew it by, if it is free there.
// Acts as the current user.
void move_type(pg::Spi& spi, Oid type, Oid schema);

// An index and its table.
struct KeptIndex {
  Oid index;
  Oid relation;
  bool operator==(const KeptIndex& other) const = default;
};

// Returns the kept indexes whose expressions no live version reads any more; the version `leaving`
// does not count. Whoever drops them locks the version views of their tables first.
std::vector<KeptIndex> unneeded_indexes(pg::Spi& spi, int64_t leaving = 0);

void drop_indexes(pg::Spi& spi, const std::vector<KeptIndex>& indexes);

}  // namespace strata::version
