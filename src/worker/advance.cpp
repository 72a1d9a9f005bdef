// Owns: the advancing worker's process (see advance.hpp).
#include "worker/advance.hpp"

#include "pg/due_databases.hpp"
#include "pg/guard.hpp"
#include "pg/session.hpp"
#include "rollout/advance.hpp"
#include "rollout/wake.hpp"

extern "C" {
#include "pgstat.h"

PGDLLEXPORT void strata_advance_rollouts(Datum argument);
}

namespace strata::worker {
namespace {

// Where one could not be looked at, it is tried again after that time.
constexpr int64_t kPause = 5 * USECS_PER_SEC;

// Raise-kind beneath: what goes wrong with one rollout must not keep the others from going on.
template <class Step>
bool try_work(int64_t id, const Step& step) {
  begin_work();
  bool done = false;
  {
    pg::Subtransaction attempt;
    try {
      step();
      attempt.commit();
      done = true;
    } catch (const Error& error) {
      // Copied: the message is in the transaction's memory.
      const std::string said = error.message();
      pg::call([&] {
        ereport(WARNING, (errmsg("pg_strata could not look at rollout %lld: %s",
                                 static_cast<long long>(id), said.c_str())));
      });
    }
  }
  commit_work();
  return done;
}

// Returns when to look at it again.
int64_t advance(Oid table, int64_t id) {
  rollout::Findings found;
  int64_t next = GetCurrentTimestamp() + kPause;
  if (!try_work(id, [&] { found = rollout::look(id); })) return next;
  (void)try_work(id, [&] {
    if (is_being_restored()) return;
    pg::call([&] { lock_out_others(table); });
    next = rollout::act(id, found);
  });
  return next;
}

// What there is to look at.
struct Work {
  Oid table = InvalidOid;  // of the rollouts
  std::vector<int64_t> ids;
  bool awaited = false;  // a dump is being loaded: its entries come first
};

Work find_work() {
  Work out;
  out.table = begin_work_on("rollout");
  if (OidIsValid(out.table)) out.ids = rollout::going_on();
  out.awaited = !out.ids.empty() && (is_being_restored() || rollout::being_loaded());
  commit_work();
  return out;
}

void advance_all() {
  rollout::keep_quiet();
  pg::call([] { pgstat_report_activity(STATE_RUNNING, "looking at rollouts"); });
  const uint64_t asked = pg::visits_asked(MyDatabaseId);
  const Work work = find_work();
  int64_t next = work.awaited ? GetCurrentTimestamp() + kPause : rollout::kNever;
  for (const int64_t id : work.awaited ? std::vector<int64_t>() : work.ids)
    next = std::min(next, advance(work.table, id));
  pg::end_visit(MyDatabaseId, asked, next == rollout::kNever ? DT_NOEND : next);
}

}  // namespace

BackgroundWorkerHandle* start_advance(Oid database) {
  return start_process(database, "strata_advance_rollouts");
}

}  // namespace strata::worker

extern "C" void strata_advance_rollouts(Datum argument) {
  strata::worker::connect_process(argument);
  strata::pg::enter([] { strata::worker::advance_all(); });
}
