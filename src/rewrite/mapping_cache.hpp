// Write mappings of version views, kept for the session.
//
// Owns: the cache. Scope: backend. An entry goes stale when the server invalidates the view, its
// base or its inverse view; whoever changes what a mapping is made of elsewhere (fills) invalidates
// one of them.
#pragma once

#include "catalog/registry.hpp"
#include "rewrite/words.hpp"
#include "rewrite/write_mapping.hpp"

namespace strata::rewrite {

// Returns how writes to the version view reach its base, which must be locked. The reference holds
// until the transaction ends. Raises ST006 when anything in the mapping does not resolve.
const WriteMapping& mapping_of(const catalog::VersionView& view);

// Returns the words of the mapping that writes to the version view used last in this session; null
// when there was none. Looks at no catalog. The pointer holds until the transaction ends.
const Words* words_for(Oid view);

// Installs the invalidation callbacks. Called once from _PG_init.
void watch_mappings();

}  // namespace strata::rewrite
