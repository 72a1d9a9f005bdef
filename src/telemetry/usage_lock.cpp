// Owns: how these locks are named (see usage_lock.hpp): as objects of a class of their own, which
// is the table's. Numbers of versions that differ by 2^32 share one.
#include "telemetry/usage_lock.hpp"

#include "pg/names.hpp"

extern "C" {
#include "storage/lock.h"
}

namespace strata::telemetry {
namespace {

bool lock(int64_t version_id, bool wait) {
  const Oid table = pg::relation_oid(pg::schema_oid("strata"), "usage");
  LOCKTAG tag;
  SET_LOCKTAG_OBJECT(tag, MyDatabaseId, table, static_cast<Oid>(version_id), 0);
  return pg::call(
      [&] { return LockAcquire(&tag, ExclusiveLock, false, !wait) != LOCKACQUIRE_NOT_AVAIL; });
}

}  // namespace

void lock_usage(int64_t version_id) {
  (void)lock(version_id, true);
}

bool try_lock_usage(int64_t version_id) {
  return lock(version_id, false);
}

}  // namespace strata::telemetry
