// The SQL functions on what clients use of versions.
#include "pg/function.hpp"
#include "pg/owner_spi.hpp"
#include "telemetry/usage_table.hpp"

extern "C" {
#include "access/xlog.h"
#include "storage/latch.h"
#include "utils/wait_event.h"
}

namespace strata::telemetry {
namespace {

// How long strata.flush_stats() waits for the worker.
constexpr int64_t kLongestWait = 60 * USECS_PER_SEC;

// Raise-kind.
void raw_wait() {
  (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 10, PG_WAIT_EXTENSION);
  ResetLatch(MyLatch);
  CHECK_FOR_INTERRUPTS();
}

}  // namespace
}  // namespace strata::telemetry

// strata.usage_now(): the table and what is not in it yet, each counted once.
STRATA_FUNCTION(usage_now) {
  namespace pg = strata::pg;
  pg::ResultSet out(args);
  const Oid caller = GetUserId();
  pg::OwnerSpi spi;
  const auto rows = strata::telemetry::with_counters([&](const std::vector<pg::Counter>& counters) {
    return strata::telemetry::read_usage(spi, counters, caller);
  });
  for (const pg::SqlRow& row : rows)
    out.add(row);
  return args.none();
}

// strata.flush_stats(): has the worker write what has been counted, and waits for it.
STRATA_FUNCTION(flush_stats) {
  namespace pg = strata::pg;
  if (!pg::counters_exist())
    throw strata::Error(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "nothing is counted",
                        "pg_strata.stat_max is 0.",
                        "Set it in postgresql.conf and restart the server.");
  if (RecoveryInProgress())
    throw strata::Error(ERRCODE_READ_ONLY_SQL_TRANSACTION, "cannot write counters during recovery",
                        "A standby keeps what its clients use in memory until it is promoted.");
  const TimestampTz begun = GetCurrentTimestamp();
  const uint64_t number = pg::ask_for_flush(MyDatabaseId);
  while (number == 0 || pg::flushes_served(MyDatabaseId) < number) {
    if (number == 0 || GetCurrentTimestamp() - begun > strata::telemetry::kLongestWait)
      throw strata::Error(
          ERRCODE_INSUFFICIENT_RESOURCES, "counters could not be written",
          "The background worker of this database did not do so within a minute.",
          "See the server's log, max_worker_processes, and who locks strata.usage.");
    pg::call([] { strata::telemetry::raw_wait(); });
  }
  return args.none();
}

// strata.forget_counters(version_id): for reset_stats, and for a new extension, whose versions get
// numbers that others had.
STRATA_FUNCTION(forget_counters) {
  strata::pg::reset_counters(MyDatabaseId, args.is_null(0) ? 0 : args.int8(0));
  return args.none();
}

// strata.stat_memory(): the counters in shared memory.
STRATA_FUNCTION(stat_memory) {
  const strata::pg::CountersState state = strata::pg::counters_state();
  return strata::pg::call([&] {
    TupleDesc row = nullptr;
    if (get_call_result_type(args.info(), nullptr, &row) != TYPEFUNC_COMPOSITE)
      ereport(ERROR, (errmsg_internal("return type must be a row type")));
    Datum values[] = {Int32GetDatum(state.counters), Int32GetDatum(state.capacity),
                      Int64GetDatum(static_cast<int64>(state.evicted)),
                      Int64GetDatum(static_cast<int64>(state.bytes))};
    bool nulls[] = {false, false, false, false};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
  });
}
