// Owns: the flushing worker's process (see flush.hpp).
//
// Counters are taken off the shared memory by the commit of the transaction that wrote them: so
// none is lost and none is written twice, whenever the worker dies. While it commits they are in
// both places; readers wait for that moment to pass (pg/shared_counters.hpp).
#include "worker/flush.hpp"

#include "pg/guard.hpp"
#include "pg/session.hpp"
#include "telemetry/totals.hpp"
#include "telemetry/usage_lock.hpp"
#include "telemetry/usage_table.hpp"

extern "C" {
#include "access/xact.h"
#include "pgstat.h"

PGDLLEXPORT void strata_flush_counters(Datum argument);
}

namespace strata::worker {
namespace {

// What this transaction has written. Never freed: the process ends with it.
auto* const written = new std::vector<pg::Counter>();
bool moving = false;
uint64_t asked = 0;

void take_off(XactEvent event, void*) {
  if (event == XACT_EVENT_PRE_COMMIT) {
    moving = true;
    pg::begin_moving_counters();
    return;
  }
  if (event == XACT_EVENT_COMMIT) {
    pg::subtract_counters(*written);
    written->clear();
    pg::flush_done(MyDatabaseId, asked);
  }
  if ((event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT) && moving) {
    pg::end_moving_counters();
    moving = false;
  }
}

// Returns the counters but for those of versions that are being reset, which stay in memory.
std::vector<pg::Counter> counters_to_write() {
  std::map<int64_t, bool> locked;
  for (const pg::Counter& counter : pg::copy_counters(MyDatabaseId))
    locked[counter.key.use.version_id] = false;
  for (auto& [id, held] : locked)
    held = telemetry::try_lock_usage(id);
  // Only now: what a reset removed meanwhile is gone.
  std::vector<pg::Counter> out = pg::copy_counters(MyDatabaseId);
  std::erase_if(out, [&](const pg::Counter& counter) {
    const auto found = locked.find(counter.key.use.version_id);
    return found == locked.end() || !found->second;
  });
  return out;
}

void flush() {
  const Oid table = begin_work_on("usage");
  if (!OidIsValid(table)) {
    pg::discard_counters(MyDatabaseId, 0);
    pg::flush_done(MyDatabaseId, pg::flush_asked(MyDatabaseId));
    return commit_work();
  }
  pg::call([&] {
    lock_out_others(table);
    RegisterXactCallback(take_off, nullptr);
    pgstat_report_activity(STATE_RUNNING, "writing what clients use of versions");
  });
  asked = pg::flush_asked(MyDatabaseId);
  {
    const pg::ActAs owner(pg::extension_owner(), pg::ActAs::Restricted{});
    pg::Spi spi;
    *written = counters_to_write();
    telemetry::add_to_table(spi, *written);
    telemetry::add_to_totals(spi, *written);
    telemetry::prune_table(spi);
    telemetry::bound_table(spi);
  }
  commit_work();
}

}  // namespace

BackgroundWorkerHandle* start_flush(Oid database) {
  return start_process(database, "strata_flush_counters");
}

}  // namespace strata::worker

extern "C" void strata_flush_counters(Datum argument) {
  strata::worker::connect_process(argument);
  strata::pg::enter([] { strata::worker::flush(); });
}
