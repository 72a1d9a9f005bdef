// Owns: the draining worker's process (see drain.hpp).
//
// Entries are taken out of the queue by the commit of the transaction that wrote them: after it is
// on disk, and before another worker gets the lock. So none is lost and none is written twice.
#include "worker/drain.hpp"

#include "pg/guard.hpp"
#include "pg/shared_queue.hpp"
#include "provenance/restore.hpp"
#include "worker/attempt_counts.hpp"
#include "worker/attempt_table.hpp"
#include "worker/process.hpp"

extern "C" {
#include "access/xact.h"
#include "pgstat.h"

PGDLLEXPORT void strata_drain_attempts(Datum argument);
}

namespace strata::worker {
namespace {

// Under a flood something always waits; then another worker goes on after the next interval, so
// that DROP DATABASE, which tries for five seconds, finds a gap.
constexpr int64_t kLongestStay = 2 * USECS_PER_SEC;

// What this transaction has written.
struct Written {
  uint64_t numbers[pg::kBatch];
  int count;
  pg::LostAttempts lost;
};
Written written;

// The server calls it inside the commit, where nothing can interrupt and locks are still held.
void remove_written(XactEvent event, void*) {
  if (event != XACT_EVENT_COMMIT) return;
  pg::remove_attempts(written.numbers, written.count);
  pg::forget_lost(written.lost);
  written = {};
}

// Writes one batch and commits. Returns false when nothing is left.
bool drain_batch(pg::QueuedAttempt* batch) {
  const Oid table = begin_work_on("attempt");
  // pg_restore --clean drops the extension and makes it anew.
  if (is_being_restored()) {
    commit_work();
    return false;
  }
  if (!OidIsValid(table)) {
    const uint64_t count = pg::discard_attempts(MyDatabaseId, true);
    pg::call([&] {
      ereport(LOG, (errmsg("pg_strata dropped %llu refused or failed statements of database %u",
                           static_cast<unsigned long long>(count), MyDatabaseId),
                    errdetail("The extension is not created there.")));
    });
    commit_work();
    return false;
  }
  // A dump is being loaded: its entries come first.
  if (provenance::chain_awaited()) {
    commit_work();
    return false;
  }
  pg::call([&] { lock_out_others(table); });
  const int count = pg::copy_attempts(MyDatabaseId, batch);
  const pg::LostAttempts lost = pg::lost_attempts(MyDatabaseId);
  for (int i = 0; i < count; i++) {
    insert_attempt(batch[i]);
    written.numbers[written.count++] = batch[i].number;
  }
  if (lost.count > 0) insert_lost(lost);
  count_attempts(batch, count, lost);
  written.lost = lost;
  commit_work();
  return count == pg::kBatch;
}

void drain() {
  const TimestampTz begun = GetCurrentTimestamp();
  auto* const batch = pg::call([] {
    RegisterXactCallback(remove_written, nullptr);
    pgstat_report_activity(STATE_RUNNING, "writing refused and failed statements");
    return static_cast<pg::QueuedAttempt*>(
        MemoryContextAlloc(TopMemoryContext, pg::kBatch * sizeof(pg::QueuedAttempt)));
  });
  while (drain_batch(batch) && GetCurrentTimestamp() - begun < kLongestStay) {}
}

}  // namespace

BackgroundWorkerHandle* start_drain(Oid database) {
  return start_process(database, "strata_drain_attempts");
}

}  // namespace strata::worker

extern "C" void strata_drain_attempts(Datum argument) {
  strata::worker::connect_process(argument);
  strata::pg::enter([] { strata::worker::drain(); });
}
