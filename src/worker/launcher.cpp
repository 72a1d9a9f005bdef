// Owns: the launcher's process and what it knows of its workers (see launcher.hpp).
#include "worker/launcher.hpp"

#include "pg/guard.hpp"
#include "pg/shared_queue.hpp"
#include "settings.hpp"
#include "worker/drain.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/wait_event.h"

PGDLLEXPORT void strata_run_launcher(Datum argument);
}

namespace strata::worker {
namespace {

constexpr int kRestartSeconds = 5;

// How many databases are looked at in one round, and how many workers run at a time.
constexpr int kDatabases = 64;
constexpr int kWorkers = 3;

// Where entries cannot be written, the pauses between tries double up to this.
constexpr int64_t kLongestPause = 60 * USECS_PER_SEC;
constexpr int kFailuresToGiveUp = 3;

// What is known of a database with entries in the queue.
struct Database {
  TimestampTz due = 0;  // when a worker is to be started
  int failures = 0;     // in a row
  BackgroundWorkerHandle* worker = nullptr;
  uint64_t oldest = 0;  // what waited when the worker was started
};

// Raise-kind. Returns whether there is such a database, as autovacuum's launcher asks: without a
// database there are no caches to look into.
bool raw_database_exists(Oid database) {
  StartTransactionCommand();
  Relation relation = table_open(DatabaseRelationId, AccessShareLock);
  TableScanDesc scan = table_beginscan_catalog(relation, 0, nullptr);
  bool found = false;
  while (HeapTuple tuple = heap_getnext(scan, ForwardScanDirection))
    if (reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple))->oid == database) found = true;
  table_endscan(scan);
  table_close(relation, AccessShareLock);
  CommitTransactionCommand();
  return found;
}

class Launcher {
 public:
  void run() {
    pg::wake_me_for_attempts();
    for (;;) {
      const int64_t pause = round();
      pg::call([&] { sleep(pause); });
    }
  }

 private:
  // Raise-kind. Sleeps that many microseconds, or until woken when negative.
  static void sleep(int64_t pause) {
    const int events = WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | (pause >= 0 ? WL_TIMEOUT : 0);
    // Rounded up: waking a little too early would mean to wake again.
    const long milliseconds = pause >= 0 ? static_cast<long>(pause / 1000 + 1) : -1;
    (void)WaitLatch(MyLatch, events, milliseconds, PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
    // Every stop of the server ends us; that is no error to be logged. 1: to be started again.
    if (ProcDiePending) proc_exit(1);
    CHECK_FOR_INTERRUPTS();
    if (!ConfigReloadPending) return;
    ConfigReloadPending = false;
    ProcessConfigFile(PGC_SIGHUP);
  }

  static int64_t flush_interval() { return int64_t{flush_interval_ms()} * 1000; }

  // Looks at the queue and at the workers, and starts those whose time has come. Returns how long
  // to sleep; -1: until woken, by a session or by the end of a worker.
  int64_t round() {
    pg::WaitingDatabase waiting[kDatabases];
    const int count = pg::waiting_databases(waiting, kDatabases);
    const TimestampTz now = GetCurrentTimestamp();
    forget_others(waiting, count);
    int64_t pause = -1;
    for (int i = 0; i < count; i++) {
      const auto [found, is_new] = databases_.try_emplace(waiting[i].database);
      Database& database = found->second;
      if (is_new) database.due = now + flush_interval();
      if (database.worker != nullptr && !has_ended(database, waiting[i], now)) continue;
      // The configuration may have been changed meanwhile.
      if (database.failures == 0) database.due = std::min(database.due, now + flush_interval());
      if (now >= database.due) visit(waiting[i], database, now);
      if (database.worker == nullptr && now < database.due)
        pause = pause < 0 ? database.due - now : std::min(pause, database.due - now);
    }
    return pause;
  }

  // Forgets the databases that have nothing in the queue.
  void forget_others(const pg::WaitingDatabase* waiting, int count) {
    for (auto at = databases_.begin(); at != databases_.end();) {
      const bool waits = std::any_of(waiting, waiting + count, [&](const auto& database) {
        return database.database == at->first;
      });
      if (waits || (at->second.worker != nullptr && is_running(at->second))) {
        ++at;
        continue;
      }
      if (at->second.worker != nullptr) pfree(at->second.worker);
      at = databases_.erase(at);
    }
  }

  static bool is_running(const Database& database) {
    return pg::call([&] {
      pid_t pid;
      return GetBackgroundWorkerPid(database.worker, &pid) != BGWH_STOPPED;
    });
  }

  // Returns true when the database's worker is gone, and judges its work: something new may wait
  // already, but what waited then must not.
  static bool has_ended(Database& database, const pg::WaitingDatabase& waiting, TimestampTz now) {
    if (is_running(database)) return false;
    pfree(database.worker);
    database.worker = nullptr;
    if (waiting.oldest != database.oldest) {
      database.failures = 0;
      database.due = now + flush_interval();
    } else {
      database.failures++;
      const int64_t pause = flush_interval() << std::min(database.failures, 16);
      database.due = now + std::min(pause, kLongestPause);
    }
    return true;
  }

  void visit(const pg::WaitingDatabase& waiting, Database& database, TimestampTz now) {
    if (database.failures >= kFailuresToGiveUp) make_room(waiting.database);
    const auto running = std::count_if(databases_.begin(), databases_.end(), [](const auto& other) {
      return other.second.worker != nullptr;
    });
    // The end of one of them wakes us.
    if (running >= kWorkers) return;
    if (!pg::call([&] { return raw_database_exists(waiting.database); })) {
      pg::discard_attempts(waiting.database, true);
      return;
    }
    database.worker = start_drain(waiting.database);
    database.oldest = waiting.oldest;
    // No free slot for a process (max_worker_processes): somebody else's worker will end.
    if (database.worker == nullptr) database.due = now + flush_interval();
  }

  // Whoever cannot be helped must not keep the others from being kept.
  static void make_room(Oid database) {
    const pg::QueueState state = pg::queue_state();
    if (state.waiting < state.capacity) return;
    const uint64_t lost = pg::discard_attempts(database, false);
    pg::call([&] {
      ereport(LOG, (errmsg("pg_strata gave up %llu refused or failed statements of database %u",
                           static_cast<unsigned long long>(lost), database),
                    errdetail("They could not be written, and the queue was full.")));
    });
  }

  std::map<Oid, Database> databases_;
};

}  // namespace

void register_launcher() {
  pg::call([] {
    BackgroundWorker worker{};
    strlcpy(worker.bgw_name, "pg_strata launcher", BGW_MAXLEN);
    strlcpy(worker.bgw_type, "pg_strata launcher", BGW_MAXLEN);
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    // On a standby: not before it is promoted.
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    worker.bgw_restart_time = kRestartSeconds;
    strlcpy(worker.bgw_library_name, "pg_strata", BGW_MAXLEN);
    strlcpy(worker.bgw_function_name, "strata_run_launcher", BGW_MAXLEN);
    RegisterBackgroundWorker(&worker);
  });
}

}  // namespace strata::worker

// What ends the launcher is an error; the postmaster starts it again.
extern "C" void strata_run_launcher(Datum) {
  pqsignal(SIGHUP, SignalHandlerForConfigReload);
  pqsignal(SIGTERM, die);
  BackgroundWorkerUnblockSignals();
  BackgroundWorkerInitializeConnection(nullptr, nullptr, 0);
  strata::pg::enter([] { strata::worker::Launcher().run(); });
}
