// The triggers behind every change of tables that sessions keep copies of: they tell all sessions
// to read them again.
#include "pg/function.hpp"
#include "pg/names.hpp"

extern "C" {
#include "commands/trigger.h"
#include "utils/inval.h"
}

namespace strata::catalog {

STRATA_FUNCTION(registry_changed) {
  if (!CALLED_AS_TRIGGER(args.info()))
    throw Error(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
                "registry_changed is a trigger function");
  const Oid signal = pg::relation_oid(pg::schema_oid("strata"), "published_version");
  if (OidIsValid(signal)) pg::call([&] { CacheInvalidateRelcacheByRelid(signal); });
  return PointerGetDatum(nullptr);
}

// The same for tables that are their own signal.
STRATA_FUNCTION(rows_changed) {
  if (!CALLED_AS_TRIGGER(args.info()))
    throw Error(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "rows_changed is a trigger function");
  const Relation table = reinterpret_cast<TriggerData*>(args.info()->context)->tg_relation;
  pg::call([&] { CacheInvalidateRelcache(table); });
  return PointerGetDatum(nullptr);
}

}  // namespace strata::catalog
