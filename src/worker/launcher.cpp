// Owns: the launcher's process, and what it has workers for (see launcher.hpp).
#include "worker/launcher.hpp"

#include "pg/shared_counters.hpp"
#include "pg/shared_queue.hpp"
#include "settings.hpp"
#include "worker/drain.hpp"
#include "worker/flush.hpp"
#include "worker/turns.hpp"

extern "C" {
#include "pgstat.h"
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

// Whoever cannot be helped must not keep the others' attempts from being kept.
void make_room(Oid database) {
  const pg::QueueState state = pg::queue_state();
  if (state.waiting < state.capacity) return;
  const uint64_t lost = pg::discard_attempts(database, false);
  pg::call([&] {
    ereport(LOG, (errmsg("pg_strata gave up %llu refused or failed statements of database %u",
                         static_cast<unsigned long long>(lost), database),
                  errdetail("They could not be written, and the queue was full.")));
  });
}

// Refused and failed statements, into strata.attempt.
constexpr Task kAttempts = {
    [](Waiting* out, int size) {
      pg::WaitingDatabase waiting[kDatabases];
      const int count = pg::waiting_databases(waiting, std::min(size, kDatabases));
      for (int i = 0; i < count; i++)
        out[i] = {waiting[i].database, waiting[i].oldest, false};
      return count;
    },
    [] { return int64_t{flush_interval_ms()} * 1000; },
    start_drain,
    [](Oid database) { pg::discard_attempts(database, true); },
    make_room,
};

// What clients use of versions, into strata.usage. Where that fails, the counters used the longest
// ago make room by themselves.
constexpr Task kCounters = {
    [](Waiting* out, int size) {
      pg::CountingDatabase counting[kDatabases];
      const int count = pg::counting_databases(counting, std::min(size, kDatabases));
      for (int i = 0; i < count; i++)
        out[i] = {counting[i].database, counting[i].flushes, counting[i].urgent};
      return count;
    },
    [] { return int64_t{stat_interval_ms()} * 1000; },
    start_flush,
    [](Oid database) {
      pg::discard_counters(database, 0);
      pg::flush_done(database, pg::flush_asked(database));
    },
    [](Oid) {},
};

// Raise-kind. Sleeps that many microseconds, or until woken when negative.
void sleep_for(int64_t pause) {
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

void run() {
  pg::wake_me_for_attempts();
  pg::wake_me_for_counters();
  Turns turns[] = {Turns(kAttempts), Turns(kCounters)};
  for (;;) {
    int64_t pause = -1;
    for (Turns& each : turns) {
      const int64_t due = each.round();
      if (due >= 0 && (pause < 0 || due < pause)) pause = due;
    }
    pg::call([&] { sleep_for(pause); });
  }
}

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
  strata::pg::enter([] { strata::worker::run(); });
}
