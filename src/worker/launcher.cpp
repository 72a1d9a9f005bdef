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
constexpr size_t kWorkers = 3;

// A database whose entries cannot be written is tried again after twice the time, up to this.
constexpr int64_t kLongestPause = 60 * USECS_PER_SEC;
constexpr int kFailuresToGiveUp = 3;

struct Worker {
  BackgroundWorkerHandle* handle;
  uint64_t oldest;  // what waited when it was started
};

struct Failing {
  int failures = 0;
  TimestampTz next_try = 0;
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
      reap();
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

  // Starts the workers whose time has come. Returns how long to sleep; -1: until woken.
  int64_t round() {
    pg::WaitingDatabase waiting[kDatabases];
    const int count = pg::waiting_databases(waiting, kDatabases);
    const TimestampTz now = GetCurrentTimestamp();
    std::erase_if(failing_, [&](const auto& failing) {
      return std::none_of(waiting, waiting + count, [&](const pg::WaitingDatabase& database) {
        return database.database == failing.first;
      });
    });
    if (count == 0) {
      flush_at_ = 0;
      return -1;
    }
    if (flush_at_ == 0) flush_at_ = now + flush_interval();
    if (now < flush_at_) return flush_at_ - now;
    flush_at_ = now + flush_interval();
    for (int i = 0; i < count; i++)
      consider(waiting[i], now);
    return flush_at_ - now;
  }

  static int64_t flush_interval() { return int64_t{flush_interval_ms()} * 1000; }

  void consider(const pg::WaitingDatabase& waiting, TimestampTz now) {
    const Oid database = waiting.database;
    if (workers_.count(database) != 0) return;
    const auto failing = failing_.find(database);
    if (failing != failing_.end()) {
      make_room(database, failing->second);
      if (now < failing->second.next_try) return;
    }
    if (workers_.size() >= kWorkers) return;
    if (!pg::call([&] { return raw_database_exists(database); })) {
      pg::discard_attempts(database, true);
      return;
    }
    start(waiting);
  }

  // Whoever cannot be helped must not keep the others from being kept.
  static void make_room(Oid database, const Failing& failing) {
    const pg::QueueState state = pg::queue_state();
    if (failing.failures < kFailuresToGiveUp || state.waiting < state.capacity) return;
    const uint64_t lost = pg::discard_attempts(database, false);
    pg::call([&] {
      ereport(LOG, (errmsg("pg_strata gave up %llu refused or failed statements of database %u",
                           static_cast<unsigned long long>(lost), database),
                    errdetail("They could not be written, and the queue was full.")));
    });
  }

  void start(const pg::WaitingDatabase& waiting) {
    BackgroundWorkerHandle* handle = start_drain(waiting.database);
    // No free slot for a process (max_worker_processes): somebody else's worker will end.
    if (handle != nullptr) workers_[waiting.database] = {handle, waiting.oldest};
  }

  // Looks which workers have ended, and whether they did their work.
  void reap() {
    for (auto at = workers_.begin(); at != workers_.end();) {
      const auto [database, worker] = *at;
      const bool ended = pg::call([&, handle = worker.handle] {
        pid_t pid;
        return GetBackgroundWorkerPid(handle, &pid) == BGWH_STOPPED;
      });
      if (!ended) {
        ++at;
        continue;
      }
      pfree(worker.handle);
      judge(database, worker.oldest);
      at = workers_.erase(at);
    }
  }

  void judge(Oid database, uint64_t oldest) {
    pg::WaitingDatabase waiting[kDatabases];
    const int count = pg::waiting_databases(waiting, kDatabases);
    for (int i = 0; i < count; i++) {
      if (waiting[i].database != database || waiting[i].oldest != oldest) continue;
      Failing& failing = failing_[database];
      failing.failures++;
      const int64_t pause = flush_interval() << std::min(failing.failures, 16);
      failing.next_try = GetCurrentTimestamp() + std::min(pause, kLongestPause);
      return;
    }
    failing_.erase(database);
  }

  std::map<Oid, Worker> workers_;
  std::map<Oid, Failing> failing_;
  TimestampTz flush_at_ = 0;  // 0: nothing waits
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
