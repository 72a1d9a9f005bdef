// Owns: the draining worker's process (see drain.hpp).
//
// Entries are taken out of the queue by the commit of the transaction that wrote them: after it is
// on disk, and before another worker gets the lock. So none is lost and none is written twice.
#include "worker/drain.hpp"

#include "catalog/registry.hpp"
#include "pg/guard.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/shared_queue.hpp"
#include "provenance/restore.hpp"
#include "worker/attempt_table.hpp"

extern "C" {
#include "access/xact.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/lmgr.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

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

// What the configuration or the database's settings say is for clients.
void pin_settings() {
  constexpr struct {
    const char* name;
    const char* value;
  } settings[] = {
      {"search_path", "pg_catalog, pg_temp"},
      {"lock_timeout", "1s"},           // somebody locks our table: later, and out of the way
      {"synchronous_commit", "local"},  // on disk here; never waiting for a standby
      {"default_transaction_isolation", "read committed"},
      {"default_transaction_read_only", "off"},
      {"default_transaction_deferrable", "off"},
      {"transaction_timeout", "0"},
      {"session_replication_role", "origin"},
      {"row_security", "on"},
  };
  for (const auto& setting : settings)
    if (GetConfigOption(setting.name, true, false) != nullptr)
      SetConfigOption(setting.name, setting.value, PGC_SUSET, PGC_S_OVERRIDE);
}

// Two workers in one database (the launcher died in between) must not write the same entries. A
// lock of our own on the table, which conflicts with nobody else's.
void lock_out_others(Oid table) {
  LockDatabaseObject(RelationRelationId, table, 1, ExclusiveLock);
}

// Writes one batch and commits. Returns false when nothing is left.
bool drain_batch(pg::QueuedAttempt* batch) {
  pg::call([] {
    SetCurrentStatementStartTimestamp();
    StartTransactionCommand();
    PushActiveSnapshot(GetTransactionSnapshot());
  });
  const Oid table = catalog::extension_exists()
                        ? pg::relation_oid(pg::schema_oid("strata"), "attempt")
                        : InvalidOid;
  if (!OidIsValid(table)) {
    const uint64_t count = pg::discard_attempts(MyDatabaseId, true);
    pg::call([&] {
      ereport(LOG, (errmsg("pg_strata dropped %llu refused or failed statements of database %u",
                           static_cast<unsigned long long>(count), MyDatabaseId),
                    errdetail("The extension is not created there.")));
      PopActiveSnapshot();
      CommitTransactionCommand();
    });
    return false;
  }
  // A dump is being loaded: its entries come first.
  if (provenance::chain_awaited()) {
    pg::call([] {
      PopActiveSnapshot();
      CommitTransactionCommand();
    });
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
  written.lost = lost;
  pg::call([&] {
    PopActiveSnapshot();
    CommitTransactionCommand();
    CHECK_FOR_INTERRUPTS();
  });
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
  return pg::call([&] {
    BackgroundWorker worker{};
    snprintf(worker.bgw_name, BGW_MAXLEN, "pg_strata worker for database %u", database);
    strlcpy(worker.bgw_type, "pg_strata worker", BGW_MAXLEN);
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    strlcpy(worker.bgw_library_name, "pg_strata", BGW_MAXLEN);
    strlcpy(worker.bgw_function_name, "strata_drain_attempts", BGW_MAXLEN);
    worker.bgw_main_arg = ObjectIdGetDatum(database);
    worker.bgw_notify_pid = MyProcPid;
    BackgroundWorkerHandle* handle = nullptr;
    return RegisterDynamicBackgroundWorker(&worker, &handle) ? handle : nullptr;
  });
}

}  // namespace strata::worker

extern "C" void strata_drain_attempts(Datum argument) {
  pqsignal(SIGTERM, die);
  BackgroundWorkerUnblockSignals();
  // What was refused while connections were allowed is written though they no longer are.
  BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(argument), InvalidOid,
                                            BGWORKER_BYPASS_ALLOWCONN);
  strata::pg::enter([] {
    strata::pg::call(strata::worker::pin_settings);
    strata::worker::drain();
  });
}
