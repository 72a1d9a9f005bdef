// Owns: the launcher's process, and what it has workers for (see launcher.hpp).
#include "worker/launcher.hpp"

#include "pg/databases.hpp"
#include "pg/due_databases.hpp"
#include "pg/shared_counters.hpp"
#include "pg/shared_queue.hpp"
#include "settings.hpp"
#include "worker/advance.hpp"
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

// How many databases with refused or failed statements are looked at in one round: those that have
// waited longest.
constexpr int kDatabases = 64;

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
    [] {
      pg::WaitingDatabase waiting[kDatabases];
      const int count = pg::waiting_databases(waiting, kDatabases);
      std::vector<Waiting> out;
      for (int i = 0; i < count; i++)
        out.push_back({waiting[i].database, waiting[i].oldest, std::nullopt});
      return out;
    },
    [] { return int64_t{flush_interval_ms()} * 1000; },
    start_drain,
    [](Oid database) { pg::discard_attempts(database, true); },
    make_room,
};

// What clients use of versions, into strata.usage. Where that fails, the counters used the longest
// ago make room by themselves.
constexpr Task kCounters = {
    [] {
      std::vector<Waiting> out;
      for (const pg::CountingDatabase& counting : pg::counting_databases())
        out.push_back({counting.database, counting.flushes,
                       counting.urgent ? std::optional<TimestampTz>(DT_NOBEGIN) : std::nullopt});
      return out;
    },
    [] { return int64_t{stat_interval_ms()} * 1000; },
    start_flush,
    [](Oid database) {
      pg::discard_counters(database, 0);
      pg::flush_done(database, pg::flush_asked(database));
    },
    [](Oid) {},
};

// Databases that nobody has asked to visit, and that may have a rollout from before the server was
// started. Never freed: the process ends with it.
auto* const unvisited = new std::vector<Oid>();

// Rollouts, which go on when their time has come.
constexpr Task kRollouts = {
    [] {
      while (!unvisited->empty() && pg::ask_for_visit(unvisited->back()))
        unvisited->pop_back();
      std::vector<Waiting> out;
      for (const pg::DueDatabase& due : pg::due_databases())
        out.push_back({due.database, due.visits, due.at});
      return out;
    },
    [] { return int64_t{USECS_PER_SEC}; },  // after a failure
    start_advance,
    pg::forget_visits,
    [](Oid) {},
};

// WaitLatch takes milliseconds as an int: 24 days. And a clock that is set forward is noticed.
constexpr int64_t kLongestSleep = 3600 * USECS_PER_SEC;

// Raise-kind. Sleeps that many microseconds, or an hour where that is less, or until woken when
// negative.
void sleep_for(int64_t pause) {
  const int events = WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | (pause >= 0 ? WL_TIMEOUT : 0);
  // Rounded up: waking a little too early would mean to wake again.
  const long milliseconds =
      pause >= 0 ? static_cast<long>(std::min(pause, kLongestSleep) / 1000 + 1) : -1;
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
  pg::wake_me_for_visits();
  *unvisited = pg::client_databases();
  Turns turns[] = {Turns(kAttempts), Turns(kCounters), Turns(kRollouts)};
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
