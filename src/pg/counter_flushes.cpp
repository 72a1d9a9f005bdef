// Owns: who asked for flushes, and the launcher's latch (see shared_counters.hpp). Scope: shared
// memory.
#include "pg/counters_memory.hpp"

extern "C" {
#include "storage/ipc.h"
}

namespace strata::pg {
namespace {

// Returns what is known of flushes of the database; with `make`, the place of one that asks for
// nothing is taken. Null when there is none. The table is locked.
Flushed* flushed_of(Oid database, bool make) {
  Flushed* free = nullptr;
  for (Flushed& flushed : shared->flushed) {
    if (flushed.database == database) return &flushed;
    if (flushed.asked == flushed.served && (free == nullptr || !OidIsValid(flushed.database)))
      free = &flushed;
  }
  if (!make || free == nullptr) return nullptr;
  *free = {};
  free->database = database;
  return free;
}

// Fills `out` as far as it has room, because nothing may be allocated under the lock. Returns false
// when there are more.
bool look(std::vector<CountingDatabase>& out) {
  const TableLocked locked(LW_SHARED);
  bool all = true;
  const auto note = [&](Oid database) {
    for (const CountingDatabase& known : out)
      if (known.database == database) return;
    if (out.size() < out.capacity())
      out.push_back({database, 0, false});
    else
      all = false;
  };
  each_counting_database(note);
  for (const Flushed& flushed : shared->flushed)
    if (flushed.asked != flushed.served) note(flushed.database);
  for (CountingDatabase& database : out) {
    const Flushed* flushed = flushed_of(database.database, false);
    if (flushed == nullptr) continue;
    database.flushes = flushed->done;
    database.urgent = flushed->asked != flushed->served;
  }
  return all;
}

void look_for_all(std::vector<CountingDatabase>& out) {
  for (size_t room = 64;; room *= 2) {
    out.clear();
    out.reserve(room);
    if (look(out)) return;
  }
}

void sleep_again(int, Datum) {
  if (shared->launcher == MyLatch) shared->launcher = nullptr;
}

}  // namespace

void wake_me_for_counters() {
  if (shared == nullptr) return;
  before_shmem_exit(sleep_again, Datum{0});
  const TableLocked locked(LW_EXCLUSIVE);
  shared->launcher = MyLatch;
}

std::vector<CountingDatabase> counting_databases() {
  std::vector<CountingDatabase> out;
  if (shared == nullptr) return out;
  look_for_all(out);
  if (!out.empty()) return out;
  // Who counts from here on wakes us; who did before is seen now.
  pg_atomic_write_u32(&shared->awake, 0);
  pg_memory_barrier();
  look_for_all(out);
  if (!out.empty()) pg_atomic_write_u32(&shared->awake, 1);
  return out;
}

uint64_t ask_for_flush(Oid database) noexcept {
  if (shared == nullptr) return 0;
  Latch* launcher;
  uint64_t number = 0;
  {
    const TableLocked locked(LW_EXCLUSIVE);
    if (Flushed* flushed = flushed_of(database, true)) number = ++flushed->asked;
    launcher = shared->launcher;
  }
  if (launcher != nullptr) SetLatch(launcher);
  return number;
}

uint64_t flush_asked(Oid database) noexcept {
  if (shared == nullptr) return 0;
  const TableLocked locked(LW_SHARED);
  const Flushed* flushed = flushed_of(database, false);
  return flushed == nullptr ? 0 : flushed->asked;
}

void flush_done(Oid database, uint64_t number) noexcept {
  if (shared == nullptr) return;
  const TableLocked locked(LW_EXCLUSIVE);
  Flushed* flushed = flushed_of(database, true);
  if (flushed == nullptr) return;
  // Not by one: the place may have been another database's meanwhile.
  flushed->done = ++shared->flushes;
  flushed->served = std::max(flushed->served, number);
}

uint64_t flushes_served(Oid database) noexcept {
  if (shared == nullptr) return 0;
  const TableLocked locked(LW_SHARED);
  const Flushed* flushed = flushed_of(database, false);
  return flushed == nullptr ? 0 : flushed->served;
}

}  // namespace strata::pg
