// Being told what changes in the catalogs, here and in other sessions.
//
// The server has room for ten callbacks on relations, for all libraries together
// (MAX_RELCACHE_CALLBACKS in utils/cache/inval.c). So our rooms share one.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Calls `function` in this session whenever a relation has been changed: with its OID, or with
// InvalidOid when any may have been. It runs in the middle of anything: it must neither raise nor
// read catalogs. Called while the library is loaded.
void on_relation_change(void (*function)(Oid relation) noexcept);

// Registers the one callback. Raise-kind.
void watch_catalogs();

}  // namespace strata::pg
