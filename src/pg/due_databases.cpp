// Owns: the shared memory of the times, and its lock (see due_databases.hpp).
#include "pg/due_databases.hpp"

#include "pg/shared_memory.hpp"

extern "C" {
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"
}

namespace strata::pg {
namespace {

constexpr const char* kName = "pg_strata visits";

struct Entry {
  DueDatabase due;  // of no database: free
  uint64_t asked;
};

struct Shared {
  LWLock* lock;
  Latch* launcher;  // of a PGPROC, which stays mapped when its process is gone
  uint64_t last_asked;
  uint64_t visits;
  int used;  // entries from there on are free
  Entry entries[kDueDatabases];
};

Shared* shared = nullptr;

// Raise-kind callbacks of the postmaster, with nothing of C++ on the stack.
void request() {
  RequestAddinShmemSpace(sizeof(Shared));
  RequestNamedLWLockTranche(kName, 1);
}

void startup() {
  LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
  bool found = false;
  shared = static_cast<Shared*>(ShmemInitStruct(kName, sizeof(Shared), &found));
  if (!found) {
    memset(static_cast<void*>(shared), 0, sizeof(Shared));
    shared->lock = &GetNamedLWLockTranche(kName)->lock;
  }
  LWLockRelease(AddinShmemInitLock);
}

void sleep_again(int, Datum) {
  if (shared->launcher == MyLatch) shared->launcher = nullptr;
}

// Held for scans of the entries, never while anything may raise or wait.
class Locked {
 public:
  explicit Locked(LWLockMode mode) { LWLockAcquire(shared->lock, mode); }
  ~Locked() { LWLockRelease(shared->lock); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
};

Entry* find(Oid database) {
  for (int i = 0; i < shared->used; i++)
    if (shared->entries[i].due.database == database) return &shared->entries[i];
  return nullptr;
}

Entry* find_or_add(Oid database) {
  if (Entry* const known = find(database)) return known;
  if (shared->used == kDueDatabases) return nullptr;
  Entry* const added = &shared->entries[shared->used++];
  // A number of its own: who remembers the entry that was here before must not take it for that.
  *added = {{database, DT_NOEND, ++shared->visits}, 0};
  return added;
}

void remove(Entry* entry) {
  *entry = shared->entries[--shared->used];
}

}  // namespace

void install_due_databases() {
  use_shared_memory(request, startup);
}

bool ask_for_visit(Oid database) noexcept {
  if (shared == nullptr || MyProc == nullptr) return false;
  Latch* launcher = nullptr;
  {
    const Locked locked(LW_EXCLUSIVE);
    Entry* const entry = find_or_add(database);
    if (entry == nullptr) return false;
    entry->due.at = DT_NOBEGIN;
    entry->asked = ++shared->last_asked;
    launcher = shared->launcher;
  }
  if (launcher != nullptr) SetLatch(launcher);
  return true;
}

uint64_t visits_asked(Oid database) noexcept {
  if (shared == nullptr) return 0;
  const Locked locked(LW_SHARED);
  const Entry* const entry = find(database);
  return entry != nullptr ? entry->asked : 0;
}

void end_visit(Oid database, uint64_t asked, TimestampTz next) noexcept {
  if (shared == nullptr) return;
  Latch* launcher = nullptr;
  {
    const Locked locked(LW_EXCLUSIVE);
    Entry* const entry = find(database);
    if (entry == nullptr) return;
    const bool asked_again = entry->asked != asked;
    if (next == DT_NOEND && !asked_again) {
      remove(entry);
    } else {
      entry->due.at = asked_again ? DT_NOBEGIN : next;
      entry->due.visits = ++shared->visits;
    }
    launcher = shared->launcher;
  }
  if (launcher != nullptr) SetLatch(launcher);
}

void wake_me_for_visits() {
  if (shared == nullptr) return;
  before_shmem_exit(sleep_again, Datum{0});
  const Locked locked(LW_EXCLUSIVE);
  shared->launcher = MyLatch;
}

std::vector<DueDatabase> due_databases() {
  std::vector<DueDatabase> out;
  if (shared == nullptr) return out;
  // Nothing may be allocated while the lock is held.
  out.reserve(kDueDatabases);
  {
    const Locked locked(LW_SHARED);
    for (int i = 0; i < shared->used; i++)
      out.push_back(shared->entries[i].due);
  }
  std::sort(out.begin(), out.end(),
            [](const DueDatabase& a, const DueDatabase& b) { return a.at < b.at; });
  return out;
}

void forget_visits(Oid database) noexcept {
  if (shared == nullptr) return;
  const Locked locked(LW_EXCLUSIVE);
  if (Entry* const entry = find(database)) remove(entry);
}

}  // namespace strata::pg
