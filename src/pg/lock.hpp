// Locks on relations and schemas, held until the transaction ends.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "storage/lockdefs.h"
}

namespace strata::pg {

// Locks a schema object in ShareUpdateExclusive mode; sees what other sessions committed before.
void lock_schema(Oid schema);

// Locks a relation; waits as lock_timeout says and raises 55P03 after it.
void lock_relation(Oid relation, LOCKMODE mode);

// Locks a relation only if that needs no waiting; returns false when it does.
bool try_lock_relation(Oid relation, LOCKMODE mode);

// Gives back one lock taken by lock_relation.
void unlock_relation(Oid relation, LOCKMODE mode);

// Returns true when this transaction holds the lock, or a stronger one.
bool holds_lock(Oid relation, LOCKMODE mode);

// Returns a number that differs from the one returned before when another session has committed a
// change to the catalogs meanwhile; RangeVarGetRelidExtended watches the same counter.
uint64_t catalog_changes();

// Returns true when the relation still exists.
bool relation_exists(Oid relation);

// What this session spent on locks that were taken here, since it began.
struct LockTally {
  int64_t taken = 0;   // locks
  int64_t waited = 0;  // microseconds for those that others held
};
LockTally lock_tally() noexcept;

// The statement's deadline for all its locks together, from lock_timeout at construction. The
// server's setting is per lock: a DDL statement on a table with fifty views could wait fifty times.
class LockDeadline {
 public:
  LockDeadline();

  // Makes it earlier, if it is later than `at` on the server's clock; 0 leaves it as it is.
  void no_later_than(int64_t at);

  // Runs with lock_timeout set to what is left of the deadline; 1 ms when nothing is left, so that
  // the server itself raises 55P03 as tools expect it.
  void lock(Oid relation, LOCKMODE mode) const;

  // Sets lock_timeout to what is left until the statement's end, if waiting has used up some of it.
  // Returns the GUC nest level to close with end_rest, or 0 when nothing was set.
  int begin_rest() const;
  static void end_rest(int level);

 private:
  int64_t deadline_us_;  // server clock; 0: none
};

}  // namespace strata::pg
