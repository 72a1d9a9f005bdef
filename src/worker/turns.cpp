// Owns: what the launcher knows of databases and of its workers (see turns.hpp).
#include "worker/turns.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
}

namespace strata::worker {
namespace {

// How many workers of a kind run at a time.
constexpr int kWorkers = 3;

// Where work cannot be done, the pauses between tries double up to this.
constexpr int64_t kLongestPause = 60 * USECS_PER_SEC;
constexpr int kFailuresToGiveUp = 3;

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

}  // namespace

int64_t Turns::round() {
  Waiting waiting[kDatabases];
  const int count = task_.waiting(waiting, kDatabases);
  const TimestampTz now = GetCurrentTimestamp();
  forget_others(waiting, count);
  int64_t pause = -1;
  for (int i = 0; i < count; i++) {
    const auto [found, is_new] = databases_.try_emplace(waiting[i].database);
    Database& database = found->second;
    if (is_new) database.due = now + task_.interval();
    if (database.worker != nullptr && !has_ended(database, waiting[i], now)) continue;
    // The configuration may have been changed meanwhile.
    if (database.failures == 0)
      database.due = std::min(database.due, waiting[i].urgent ? now : now + task_.interval());
    if (now >= database.due) visit(waiting[i], database, now);
    if (database.worker == nullptr && now < database.due)
      pause = pause < 0 ? database.due - now : std::min(pause, database.due - now);
  }
  return pause;
}

// Forgets the databases that have nothing to do.
void Turns::forget_others(const Waiting* waiting, int count) {
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

bool Turns::is_running(const Database& database) {
  return pg::call([&] {
    pid_t pid;
    return GetBackgroundWorkerPid(database.worker, &pid) != BGWH_STOPPED;
  });
}

// Returns true when the database's worker is gone, and judges its work: something new may wait
// already, but what waited then must not.
bool Turns::has_ended(Database& database, const Waiting& waiting, TimestampTz now) const {
  if (is_running(database)) return false;
  pfree(database.worker);
  database.worker = nullptr;
  if (waiting.mark != database.mark) {
    database.failures = 0;
    database.due = now + task_.interval();
  } else {
    database.failures++;
    const int64_t pause = task_.interval() << std::min(database.failures, 16);
    database.due = now + std::min(pause, kLongestPause);
  }
  return true;
}

void Turns::visit(const Waiting& waiting, Database& database, TimestampTz now) {
  if (database.failures >= kFailuresToGiveUp) task_.give_up(waiting.database);
  const auto running = std::count_if(databases_.begin(), databases_.end(), [](const auto& other) {
    return other.second.worker != nullptr;
  });
  // The end of one of them wakes us.
  if (running >= kWorkers) return;
  if (!pg::call([&] { return raw_database_exists(waiting.database); }))
    return task_.forget(waiting.database);
  database.worker = task_.start(waiting.database);
  database.mark = waiting.mark;
  // No free slot for a process (max_worker_processes): somebody else's worker will end.
  if (database.worker == nullptr) database.due = now + task_.interval();
}

}  // namespace strata::worker
