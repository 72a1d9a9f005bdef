// Owns: the shared memory of the counters, and the table in it (see shared_counters.hpp).
#include "pg/shared_counters.hpp"

#include "pg/counters_memory.hpp"
#include "pg/kept_file.hpp"
#include "pg/shared_memory.hpp"

extern "C" {
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/hsearch.h"
}

namespace strata::pg {

SharedCounters* shared = nullptr;
Block* blocks = nullptr;
HTAB* counter_table = nullptr;
LWLock* table_lock = nullptr;

namespace {

constexpr const char* kName = "pg_strata counters";
constexpr const char* kTableName = "pg_strata counter table";

const KeptFileForm kFile = {PGSTAT_STAT_PERMANENT_DIRECTORY "/pg_strata_counters.stat",
                            PGSTAT_STAT_PERMANENT_DIRECTORY "/pg_strata_counters.tmp",
                            {'S', 'T', 'R', 'A', 'T', 'A', 'C', '2'},
                            sizeof(Counter),
                            "What clients used of versions since the last flush may be lost."};

int wanted_capacity = 0;

Size size_of_blocks() {
  return MAXALIGN(sizeof(SharedCounters)) + static_cast<Size>(MaxBackends) * sizeof(Block);
}

Size size_of_table() {
  return hash_estimate_size(wanted_capacity, sizeof(Counter));
}

void add(CounterValues* to, const CounterValues& values) {
  to->first = std::min(to->first, values.first);
  to->last = std::max(to->last, values.last);
  to->calls += values.calls;
  to->rows += values.rows;
  to->nanoseconds += values.nanoseconds;
  to->sessions += values.sessions;
}

void save(int code, Datum) {
  // After a crash nothing in shared memory is to be trusted.
  if (code != 0 || shared == nullptr) return;
  KeptFile file(kFile, KeptFile::kWrite);
  empty_blocks(InvalidOid);
  each_counter([&](const Counter* counter) { file.write(counter); });
  file.finish();
}

void restore() {
  KeptFile file(kFile, KeptFile::kRead);
  Counter counter;
  while (file.read(&counter)) {
    counter.key.application_name[NAMEDATALEN - 1] = '\0';
    put_counter(counter.key, counter.values);
  }
  file.remove();
}

// Raise-kind callbacks of the postmaster, with nothing of C++ on the stack.
void request() {
  RequestAddinShmemSpace(add_size(size_of_blocks(), size_of_table()));
  RequestNamedLWLockTranche(kName, 1);
}

void startup() {
  shared = nullptr;  // after a crash this is not the first time
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
         {&made->evicted, &made->lost_at, &made->resets, &made->moves_begun, &made->moves_ended})
      pg_atomic_init_u64(number, 0);
  }
  HASHCTL description{};
  description.keysize = sizeof(CounterKey);
  description.entrysize = sizeof(Counter);
  counter_table = ShmemInitHash(kTableName, wanted_capacity, wanted_capacity, &description,
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

void put_counter(const CounterKey& key, const CounterValues& values) noexcept {
  if (hash_get_num_entries(counter_table) >= shared->capacity &&
      hash_search(counter_table, &key, HASH_FIND, nullptr) == nullptr)
    evict_counters();
  bool found = false;
  auto* counter = static_cast<Counter*>(hash_search(counter_table, &key, HASH_ENTER_NULL, &found));
  if (counter == nullptr) return lose(&key.use, 1);
  if (!found) {
    counter->values = {0, 0, 0, 0, PG_INT64_MAX, PG_INT64_MIN};
    counter->born = ++shared->born;
  }
  add(&counter->values, values);
}

void install_shared_counters(int capacity) {
  wanted_capacity = capacity;
  use_shared_memory(request, startup);
}

bool counters_exist() noexcept {
  return shared != nullptr;
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
    empty_blocks(database);
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
    auto* counter =
        static_cast<Counter*>(hash_search(counter_table, &copy.key, HASH_FIND, nullptr));
    // Evicted meanwhile, or reset: what there is now is of after that.
    if (counter == nullptr || counter->born != copy.born) continue;
    CounterValues& left = counter->values;
    left.calls -= copy.values.calls;
    left.rows -= copy.values.rows;
    left.nanoseconds -= copy.values.nanoseconds;
    left.sessions -= copy.values.sessions;
    left.first = copy.values.last;
    if (left.calls == 0 && left.sessions == 0) remove_counter(counter);
  }
}

void discard_counters(Oid database, int64_t version_id) noexcept {
  if (shared == nullptr) return;
  const TableLocked locked(LW_EXCLUSIVE);
  empty_blocks(database);
  each_counter([&](const Counter* counter) {
    if (counter->key.database == database &&
        (version_id == 0 || counter->key.use.version_id == version_id))
      remove_counter(counter);
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
  empty_blocks(InvalidOid);
  return {shared->capacity, static_cast<int>(hash_get_num_entries(counter_table)),
          pg_atomic_read_u64(&shared->evicted),
          static_cast<TimestampTz>(pg_atomic_read_u64(&shared->lost_at)),
          size_of_blocks() + size_of_table()};
}

}  // namespace strata::pg
