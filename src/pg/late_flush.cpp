// Owns: which commit is still to be flushed (see late_flush.hpp).
//
// RecordTransactionCommit() flushes unless synchronous_commit is off, or files are to be deleted;
// locks are released in ResourceOwnerRelease(RESOURCE_RELEASE_LOCKS) after it, both called from
// CommitTransaction() in access/transam/xact.c.
#include "pg/late_flush.hpp"

#include "pg/guard.hpp"

extern "C" {
#include "access/xact.h"
#include "access/xlog.h"
#include "replication/syncrep.h"
#include "utils/resowner.h"
}

namespace strata::pg {
namespace {

bool postponed = false;  // synchronous_commit is ours now
int before = 0;          // what it was
bool due = false;        // committed, not flushed

void flush(ResourceReleasePhase phase, bool is_commit, bool is_top_level, void*) {
  if (!due || phase != RESOURCE_RELEASE_AFTER_LOCKS || !is_commit || !is_top_level) return;
  due = false;
  XLogFlush(XactLastCommitEnd);
}

}  // namespace

void flush_late() {
  const bool standby_confirms = SyncRepStandbyNames != nullptr && SyncRepStandbyNames[0] != '\0';
  if (synchronous_commit <= SYNCHRONOUS_COMMIT_OFF || standby_confirms) return;
  before = synchronous_commit;
  postponed = true;
  synchronous_commit = SYNCHRONOUS_COMMIT_OFF;
}

void end_late_flush(bool committed) {
  if (!postponed) return;
  synchronous_commit = before;
  postponed = false;
  due = committed;
}

void watch_late_flush() {
  call([] { RegisterResourceReleaseCallback(flush, nullptr); });
}

}  // namespace strata::pg
