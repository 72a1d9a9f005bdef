// Owns: taking locks, and one deadline for those of a statement (see lock.hpp).
#include "pg/lock.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_namespace.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "storage/sinval.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
}

namespace strata::pg {

namespace {

LockTally tally;

// Counts a wait, also one that ends in an error.
class Wait {
 public:
  Wait() noexcept : began_(GetCurrentTimestamp()) {}
  ~Wait() { tally.waited += GetCurrentTimestamp() - began_; }
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

 private:
  TimestampTz began_;
};

}  // namespace

LockTally lock_tally() noexcept {
  return tally;
}

// Both try first, so that no time is counted where there was nothing to wait for.
void lock_schema(Oid schema) {
  LOCKTAG tag;
  SET_LOCKTAG_OBJECT(tag, MyDatabaseId, NamespaceRelationId, schema, 0);
  const bool locked = call([&] {
    return LockAcquire(&tag, ShareUpdateExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
  });
  if (!locked) {
    const Wait wait;
    call([&] { LockDatabaseObject(NamespaceRelationId, schema, 0, ShareUpdateExclusiveLock); });
  }
  call([] { AcceptInvalidationMessages(); });
  tally.taken++;
}

void lock_relation(Oid relation, LOCKMODE mode) {
  if (try_lock_relation(relation, mode)) return;
  const Wait wait;
  call([&] { LockRelationOid(relation, mode); });
  tally.taken++;
}

bool try_lock_relation(Oid relation, LOCKMODE mode) {
  const bool locked = call([&] { return ConditionalLockRelationOid(relation, mode); });
  if (locked) tally.taken++;
  return locked;
}

void unlock_relation(Oid relation, LOCKMODE mode) {
  call([&] { UnlockRelationOid(relation, mode); });
}

bool holds_lock(Oid relation, LOCKMODE mode) {
  return call([&] {
    LOCKTAG tag;
    SET_LOCKTAG_RELATION(tag, MyDatabaseId, relation);
    return strata_compat_lock_held(&tag, mode);
  });
}

uint64_t catalog_changes() {
  return call([] {
    AcceptInvalidationMessages();
    return uint64_t{SharedInvalidMessageCounter};
  });
}

bool relation_exists(Oid relation) {
  return call([&] { return SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relation)); });
}

LockDeadline::LockDeadline()
    : deadline_us_(LockTimeout > 0 ? GetCurrentTimestamp() + int64_t{LockTimeout} * 1000 : 0) {}

void LockDeadline::no_later_than(int64_t at) {
  if (at == 0) return;
  deadline_us_ = deadline_us_ == 0 ? at : std::min(deadline_us_, at);
}

namespace {

// Milliseconds until the deadline, at least 1.
int left_ms(int64_t deadline_us) {
  const int64_t left = (deadline_us - GetCurrentTimestamp() + 999) / 1000;
  return static_cast<int>(std::clamp<int64_t>(left, 1, INT_MAX));
}

// Puts LockTimeout back, also when the wait raises. The variable and not the setting: this is once
// per lock, and nothing can look at the setting meanwhile.
class TimeoutScope {
 public:
  explicit TimeoutScope(int ms) noexcept : saved_(LockTimeout) { LockTimeout = ms; }
  ~TimeoutScope() { LockTimeout = saved_; }
  TimeoutScope(const TimeoutScope&) = delete;
  TimeoutScope& operator=(const TimeoutScope&) = delete;

 private:
  int saved_;
};

}  // namespace

void LockDeadline::lock(Oid relation, LOCKMODE mode) const {
  if (deadline_us_ == 0) return lock_relation(relation, mode);
  const TimeoutScope scope(left_ms(deadline_us_));
  lock_relation(relation, mode);
}

int LockDeadline::begin_rest() const {
  if (deadline_us_ == 0) return 0;
  const int left = left_ms(deadline_us_);
  if (LockTimeout > 0 && left >= LockTimeout) return 0;
  const std::string value = fmt::format("{}ms", left);
  return call([&] {
    int level = NewGUCNestLevel();
    (void)set_config_option("lock_timeout", value.c_str(), PGC_USERSET, PGC_S_SESSION,
                            GUC_ACTION_SAVE, true, 0, false);
    return level;
  });
}

void LockDeadline::end_rest(int level) {
  if (level != 0) call([&] { AtEOXact_GUC(true, level); });
}

}  // namespace strata::pg
