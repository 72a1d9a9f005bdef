// Owns: the shared memory of the counters and its locks (see shared_counters.hpp).
//
// Order of locks: the table's, then a block's. A session takes its own block to count, which only
// whoever empties the block ever wants, for as long as copying it takes: a flag is enough, at a
// third of the cost of a lock. Nobody waits for it longer than some milliseconds, because who holds
// it may have been stopped.
#include "pg/shared_counters.hpp"

#include "pg/counter_file.hpp"

extern "C" {
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "utils/hsearch.h"
}

namespace strata::pg {
namespace {

constexpr const char* kName = "pg_strata counters";
constexpr const char* kTableName = "pg_strata counter table";

// A power of two; a quarter stays free, so that looking for a slot is short.
constexpr uint32_t kSlots = 64;
constexpr uint32_t kUsedSlots = kSlots / 4 * 3;

// Whoever wants a block that is taken gives up after this many tries of a quarter of a millisecond.
constexpr int kTries = 40;

// Of a full table, this part goes at once.
constexpr int kEvictedPart = 20;

struct Slot {
  CountedUse use;
  CounterValues values;  // calls 0: the slot is free
};

// What one session has counted.
struct Block {
  pg_atomic_flag taken;
  int32_t pid;  // 0: nobody's
  Oid database;
  uint32_t used;
  char application_name[NAMEDATALEN];
  Slot slots[kSlots];
};

// How many databases are known at a time to have been flushed, or to ask for it.
constexpr int kFlushed = 64;

struct Flushed {
  Oid database;
  uint64_t asked;
  uint64_t served;
  uint64_t done;
};

struct SharedCounters {
  int capacity;
  int blocks;
  Latch* launcher;         // of a PGPROC, which stays mapped when its process is gone
  pg_atomic_uint32 awake;  // the launcher knows that something waits
  pg_atomic_uint64 evicted;
  pg_atomic_uint64 resets;
  pg_atomic_uint64 moves_begun;
  pg_atomic_uint64 moves_ended;
  Flushed flushed[kFlushed];
};

SharedCounters* shared = nullptr;
Block* blocks = nullptr;
LWLock* table_lock = nullptr;
HTAB* table = nullptr;
int wanted_capacity = 0;
Block* mine = nullptr;
shmem_request_hook_type next_request = nullptr;
shmem_startup_hook_type next_startup = nullptr;

Size size_of_blocks() {
  return MAXALIGN(sizeof(SharedCounters)) + static_cast<Size>(MaxBackends) * sizeof(Block);
}

Size size_of_table() {
  return hash_estimate_size(wanted_capacity, sizeof(Counter));
}

class TableLocked {
 public:
  explicit TableLocked(LWLockMode mode) { LWLockAcquire(table_lock, mode); }
  ~TableLocked() { LWLockRelease(table_lock); }
  TableLocked(const TableLocked&) = delete;
  TableLocked& operator=(const TableLocked&) = delete;
};

bool take(Block* block) {
  for (int i = 0; i < kTries; i++) {
    if (pg_atomic_test_set_flag(&block->taken)) return true;
    pg_usleep(250);
  }
  return false;
}

void release(Block* block) {
  pg_atomic_clear_flag(&block->taken);
}

void add(CounterValues* to, const CounterValues& values) {
  if (to->calls == 0 || values.first < to->first) to->first = values.first;
  if (to->calls == 0 || values.last > to->last) to->last = values.last;
  to->calls += values.calls;
  to->rows += values.rows;
  to->nanoseconds += values.nanoseconds;
  to->sessions += values.sessions;
}

// Calls `body` with every counter of the table, which may remove it.
template <class Body>
void each_counter(Body body) {
  HASH_SEQ_STATUS scan;
  hash_seq_init(&scan, table);
  while (void* found = hash_seq_search(&scan))
    body(static_cast<Counter*>(found));
}

void remove(const Counter* counter) {
  (void)hash_search(table, &counter->key, HASH_REMOVE, nullptr);
}

// Makes room in a full table: the counters whose last use is the longest ago go. What is as old as
// the youngest of them goes as well. Needs no memory, which might not be there.
void evict() {
  TimestampTz oldest = PG_INT64_MAX;
  TimestampTz newest = PG_INT64_MIN;
  each_counter([&](const Counter* counter) {
    oldest = std::min(oldest, counter->values.last);
    newest = std::max(newest, counter->values.last);
  });
  // Halves the interval until the part below is small enough but not nothing.
  const int64_t most = std::max(shared->capacity / kEvictedPart, 1);
  TimestampTz low = oldest;
  TimestampTz high = newest;
  for (int i = 0; i < 24 && low < high; i++) {
    const TimestampTz middle = low + (high - low) / 2;
    int64_t below = 0;
    each_counter([&](const Counter* counter) { below += counter->values.last <= middle; });
    if (below > most)
      high = middle;
    else if (below > most / 2) {
      low = middle;
      break;
    } else
      low = middle + 1;
  }
  int64_t gone = 0;
  each_counter([&](const Counter* counter) {
    if (counter->values.last > low || gone >= most) return;
    remove(counter);
    gone++;
  });
  pg_atomic_fetch_add_u64(&shared->evicted, gone);
}

void put(const CounterKey& key, const CounterValues& values) {
  if (hash_get_num_entries(table) >= shared->capacity &&
      hash_search(table, &key, HASH_FIND, nullptr) == nullptr)
    evict();
  bool found = false;
  auto* counter = static_cast<Counter*>(hash_search(table, &key, HASH_ENTER_NULL, &found));
  if (counter == nullptr) {
    pg_atomic_fetch_add_u64(&shared->evicted, 1);
    return;
  }
  if (!found) counter->values = {};
  add(&counter->values, values);
}

// Moves what is in the block into the table, which is locked.
void empty(Block* block) {
  static Block copy;  // too large for a stack that somebody else has nearly filled
  if (!take(block)) return;
  memcpy(static_cast<void*>(&copy), block, sizeof(copy));
  for (Slot& slot : block->slots)
    slot.values.calls = 0;
  block->used = 0;
  release(block);
  CounterKey key{};
  key.database = copy.database;
  memcpy(key.application_name, copy.application_name, NAMEDATALEN);
  for (const Slot& slot : copy.slots) {
    if (slot.values.calls == 0) continue;
    key.use = slot.use;
    put(key, slot.values);
  }
}

void empty_all(Oid database) {
  for (Block* block = blocks; block < blocks + shared->blocks; block++) {
    // Read while its session may count: what is counted right now may be seen or not.
    if (block->used == 0 || (OidIsValid(database) && block->database != database)) continue;
    empty(block);
  }
}

void empty_mine() {
  if (mine->used == 0) return;
  const TableLocked locked(LW_EXCLUSIVE);
  empty(mine);
}

void give_back(int, Datum) {
  if (mine == nullptr) return;
  empty_mine();
  mine->pid = 0;
  mine = nullptr;
}

bool take_block() {
  if (mine != nullptr) return true;
  if (proc_exit_inprogress) return false;
  {
    const TableLocked locked(LW_EXCLUSIVE);
    for (Block* block = blocks; block < blocks + shared->blocks && mine == nullptr; block++)
      if (block->pid == 0) mine = block;
    if (mine == nullptr) return false;
    mine->pid = MyProcPid;
    mine->database = MyDatabaseId;
    mine->application_name[0] = '\0';
  }
  before_shmem_exit(give_back, Datum{0});
  return true;
}

void lose(size_t count) {
  pg_atomic_fetch_add_u64(&shared->evicted, static_cast<int64>(count));
}

uint32_t hash_of(const CountedUse& use) {
  uint64_t hash = static_cast<uint64_t>(use.version_id) * 0x9e3779b97f4a7c15 +
                  static_cast<uint64_t>(use.relation_id);
  hash = (hash ^ use.role) * 0x9e3779b97f4a7c15;
  hash ^= static_cast<uint64_t>(use.column) << 8 | use.operation;
  hash = (hash ^ static_cast<uint64_t>(use.error[1]) << 32) * 0x9e3779b97f4a7c15;
  return static_cast<uint32_t>(hash >> 32);
}

// memcmp() of a fixed size, which the compiler would call.
bool same(const CountedUse& a, const CountedUse& b) {
  uint64_t of_a[4];
  uint64_t of_b[4];
  static_assert(sizeof(of_a) == sizeof(CountedUse));
  memcpy(of_a, &a, sizeof(of_a));
  memcpy(of_b, &b, sizeof(of_b));
  return ((of_a[0] ^ of_b[0]) | (of_a[1] ^ of_b[1]) | (of_a[2] ^ of_b[2]) | (of_a[3] ^ of_b[3])) ==
         0;
}

// Returns the slot of the use in the block, taking a free one where it has none.
Slot* slot_of(Block* block, const CountedUse& use) {
  for (uint32_t at = hash_of(use);; at++) {
    Slot* slot = &block->slots[at & (kSlots - 1)];
    if (slot->values.calls == 0) {
      slot->use = use;
      slot->values = {};
      block->used++;
      return slot;
    }
    if (same(slot->use, use)) return slot;
  }
}

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

void sleep_again(int, Datum) {
  if (shared->launcher == MyLatch) shared->launcher = nullptr;
}

void save(int code, Datum) {
  // After a crash nothing in shared memory is to be trusted.
  if (code != 0 || shared == nullptr) return;
  CounterFile file(CounterFile::kWrite);
  empty_all(InvalidOid);
  each_counter([&](const Counter* counter) { file.write(*counter); });
  file.finish();
}

void restore() {
  CounterFile file(CounterFile::kRead);
  Counter counter;
  while (file.read(&counter))
    put(counter.key, counter.values);
  file.remove();
}

// Raise-kind callbacks of the postmaster, with nothing of C++ on the stack.
void request() {
  if (next_request) next_request();
  RequestAddinShmemSpace(add_size(size_of_blocks(), size_of_table()));
  RequestNamedLWLockTranche(kName, 1);
}

void startup() {
  if (next_startup) next_startup();
  shared = nullptr;  // after a crash this is not the first time
  mine = nullptr;
  LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
  bool found = false;
  auto* made = static_cast<SharedCounters*>(ShmemInitStruct(kName, size_of_blocks(), &found));
  table_lock = &GetNamedLWLockTranche(kName)->lock;
  if (!found) {
    memset(static_cast<void*>(made), 0, size_of_blocks());
    made->capacity = wanted_capacity;
    made->blocks = MaxBackends;
    pg_atomic_init_u32(&made->awake, 0);
    for (pg_atomic_uint64* number :
         {&made->evicted, &made->resets, &made->moves_begun, &made->moves_ended})
      pg_atomic_init_u64(number, 0);
  }
  HASHCTL description{};
  description.keysize = sizeof(CounterKey);
  description.entrysize = sizeof(Counter);
  table = ShmemInitHash(kTableName, wanted_capacity, wanted_capacity, &description,
                        HASH_ELEM | HASH_BLOBS);
  shared = made;
  blocks =
      reinterpret_cast<Block*>(reinterpret_cast<char*>(made) + MAXALIGN(sizeof(SharedCounters)));
  for (int i = 0; !found && i < made->blocks; i++)
    pg_atomic_init_flag(&blocks[i].taken);
  LWLockRelease(AddinShmemInitLock);
  if (IsUnderPostmaster) return;
  on_shmem_exit(save, Datum{0});
  if (!found) restore();
}

}  // namespace

void install_shared_counters(int capacity) {
  wanted_capacity = capacity;
  next_request = shmem_request_hook;
  shmem_request_hook = request;
  next_startup = shmem_startup_hook;
  shmem_startup_hook = startup;
}

bool counters_exist() noexcept {
  return shared != nullptr;
}

void add_counts(const Increment* increments, size_t count, const char* application_name,
                TimestampTz at) noexcept {
  if (shared == nullptr || MyProc == nullptr || !take_block()) return;
  if (strncmp(mine->application_name, application_name, NAMEDATALEN - 1) != 0) {
    empty_mine();
    if (mine->used != 0) return lose(count);
    strncpy(mine->application_name, application_name, NAMEDATALEN - 1);
  }
  if (!take(mine)) return lose(count);
  for (const Increment* next = increments; next < increments + count; next++) {
    if (mine->used >= kUsedSlots) {
      release(mine);
      empty_mine();
      if (!take(mine)) return lose(static_cast<size_t>(increments + count - next));
      if (mine->used >= kUsedSlots) {
        release(mine);
        return lose(static_cast<size_t>(increments + count - next));
      }
    }
    CounterValues* values = &slot_of(mine, next->use)->values;
    if (values->calls == 0) values->first = at;
    values->last = at;
    values->calls++;
    values->rows += next->rows;
    values->nanoseconds += next->nanoseconds;
    values->sessions += next->sessions;
  }
  release(mine);
  if (pg_atomic_read_u32(&shared->awake) == 0) {
    pg_atomic_write_u32(&shared->awake, 1);
    Latch* launcher = shared->launcher;
    if (launcher != nullptr) SetLatch(launcher);
  }
}

uint64_t counter_resets() noexcept {
  return shared == nullptr ? 0 : pg_atomic_read_u64(&shared->resets);
}

std::vector<Counter> copy_counters(Oid database) {
  std::vector<Counter> out;
  if (shared == nullptr) return out;
  // All memory before the lock.
  out.resize(static_cast<size_t>(shared->capacity));
  size_t count = 0;
  {
    const TableLocked locked(LW_EXCLUSIVE);
    empty_all(database);
    each_counter([&](const Counter* counter) {
      if (counter->key.database == database && count < out.size()) out[count++] = *counter;
    });
  }
  out.resize(count);
  return out;
}

void subtract_counters(const std::vector<Counter>& written) noexcept {
  if (shared == nullptr || written.empty()) return;
  const TableLocked locked(LW_EXCLUSIVE);
  for (const Counter& copy : written) {
    auto* counter = static_cast<Counter*>(hash_search(table, &copy.key, HASH_FIND, nullptr));
    // Evicted meanwhile, or reset.
    if (counter == nullptr) continue;
    if (counter->values.calls <= copy.values.calls) {
      remove(counter);
      continue;
    }
    CounterValues& left = counter->values;
    left.calls -= copy.values.calls;
    left.rows -= std::min(left.rows, copy.values.rows);
    left.nanoseconds -= std::min(left.nanoseconds, copy.values.nanoseconds);
    left.sessions -= std::min(left.sessions, copy.values.sessions);
    left.first = copy.values.last;
  }
}

void discard_counters(Oid database, int64_t version_id) noexcept {
  if (shared == nullptr) return;
  const TableLocked locked(LW_EXCLUSIVE);
  empty_all(database);
  each_counter([&](const Counter* counter) {
    if (counter->key.database == database &&
        (version_id == 0 || counter->key.use.version_id == version_id))
      remove(counter);
  });
}

void reset_counters(Oid database, int64_t version_id) noexcept {
  discard_counters(database, version_id);
  if (shared != nullptr) pg_atomic_fetch_add_u64(&shared->resets, 1);
}

void begin_moving_counters() noexcept {
  if (shared != nullptr) pg_atomic_fetch_add_u64(&shared->moves_begun, 1);
}

void end_moving_counters() noexcept {
  if (shared != nullptr) pg_atomic_fetch_add_u64(&shared->moves_ended, 1);
}

uint64_t counters_moved() {
  if (shared == nullptr) return 0;
  for (int i = 0; i < 1000; i++) {
    const uint64_t ended = pg_atomic_read_u64(&shared->moves_ended);
    if (pg_atomic_read_u64(&shared->moves_begun) == ended) return ended;
    pg_usleep(1000);
  }
  return 0;
}

CountersState counters_state() noexcept {
  if (shared == nullptr) return {};
  const TableLocked locked(LW_EXCLUSIVE);
  empty_all(InvalidOid);
  return {shared->capacity, static_cast<int>(hash_get_num_entries(table)),
          pg_atomic_read_u64(&shared->evicted), size_of_blocks() + size_of_table()};
}

void wake_me_for_counters() {
  if (shared == nullptr) return;
  before_shmem_exit(sleep_again, Datum{0});
  const TableLocked locked(LW_EXCLUSIVE);
  shared->launcher = MyLatch;
}

int counting_databases(CountingDatabase* out, int size) noexcept {
  if (shared == nullptr) return 0;
  int count = 0;
  const auto note = [&](Oid database) {
    for (int i = 0; i < count; i++)
      if (out[i].database == database) return;
    if (count < size) out[count++] = {database, 0, false};
  };
  const auto look = [&] {
    const TableLocked locked(LW_SHARED);
    for (Block* block = blocks; block < blocks + shared->blocks; block++)
      if (block->used != 0) note(block->database);
    each_counter([&](const Counter* counter) { note(counter->key.database); });
    for (const Flushed& flushed : shared->flushed)
      if (flushed.asked != flushed.served) note(flushed.database);
    for (CountingDatabase* database = out; database < out + count; database++) {
      const Flushed* flushed = flushed_of(database->database, false);
      if (flushed == nullptr) continue;
      database->flushes = flushed->done;
      database->urgent = flushed->asked != flushed->served;
    }
  };
  look();
  if (count > 0) return count;
  // Who counts from here on wakes us; who did before is seen now.
  pg_atomic_write_u32(&shared->awake, 0);
  pg_memory_barrier();
  look();
  if (count > 0) pg_atomic_write_u32(&shared->awake, 1);
  return count;
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
  flushed->done++;
  flushed->served = std::max(flushed->served, number);
}

uint64_t flushes_served(Oid database) noexcept {
  if (shared == nullptr) return 0;
  const TableLocked locked(LW_SHARED);
  const Flushed* flushed = flushed_of(database, false);
  return flushed == nullptr ? 0 : flushed->served;
}

}  // namespace strata::pg
