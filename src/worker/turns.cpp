// Owns: what the launcher knows of databases and of its workers (see turns.hpp).
#include "worker/turns.hpp"

#include "pg/databases.hpp"

namespace strata::worker {
namespace {

// How many workers of a kind run at a time.
constexpr int kWorkers = 3;

// Where work cannot be done, the pauses between tries double up to this.
constexpr int64_t kLongestPause = 60 * USECS_PER_SEC;
constexpr int kFailuresToGiveUp = 3;

// But not where somebody asks for a visit and waits for it, or where only a free process is
// missing.
constexpr int64_t kShortPause = 5 * USECS_PER_SEC;

}  // namespace

int64_t Turns::round() {
  const std::vector<Waiting> waiting = task_.waiting();
  const TimestampTz now = GetCurrentTimestamp();
  // Times that were noted by a clock that has been set back since would be far away.
  const bool set_back = now < last_round_;
  last_round_ = now;
  forget_others(waiting);
  int64_t pause = -1;
  for (const Waiting& each : waiting) {
    const auto [found, is_new] = databases_.try_emplace(each.database);
    Database& database = found->second;
    if (is_new) database.due = now + task_.interval();
    if (database.worker != nullptr && !has_ended(database, each, now)) continue;
    // The configuration may have been changed meanwhile.
    if (database.failures == 0)
      database.due = each.due.value_or(std::min(database.due, now + task_.interval()));
    else if (each.due && TIMESTAMP_IS_NOBEGIN(*each.due))
      database.due = std::min(database.due, database.failed_at + kShortPause);
    if (set_back) database.due = std::min(database.due, now);
    if (now >= database.due) visit(each, database, now);
    if (database.worker == nullptr && now < database.due)
      pause = pause < 0 ? database.due - now : std::min(pause, database.due - now);
  }
  return pause;
}

// Forgets the databases that have nothing to do.
void Turns::forget_others(const std::vector<Waiting>& waiting) {
  for (auto at = databases_.begin(); at != databases_.end();) {
    const bool waits = std::any_of(waiting.begin(), waiting.end(), [&](const auto& database) {
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
    database.failed_at = now;
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
  if (!pg::database_exists(waiting.database)) return task_.forget(waiting.database);
  database.worker = task_.start(waiting.database);
  database.mark = waiting.mark;
  // No free slot for a process (max_worker_processes): somebody else's worker will end.
  if (database.worker == nullptr) database.due = now + std::min(task_.interval(), kShortPause);
}

}  // namespace strata::worker
