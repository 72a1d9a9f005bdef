// Owns: the blocks in which sessions count (see counters_memory.hpp), and this session's.
//
// A statement that is run again adds to a few numbers, whatever it uses: its uses are noted in the
// block once, and multiplied out when the block is emptied. A session takes its own block to count,
// which only whoever empties the block ever wants, for as long as copying it takes: a flag is
// enough, at a third of the cost of a lock. Nobody waits for it longer than some milliseconds,
// because who holds it may have been stopped. Order: the table's lock, then a block.
#include "pg/counters_memory.hpp"

extern "C" {
#include "storage/ipc.h"
#include "storage/proc.h"
}

namespace strata::pg {
namespace {

// Whoever wants a block that is taken gives up after this many tries of a quarter of a millisecond.
constexpr int kTries = 40;

Block* mine = nullptr;
bool gone = false;  // this process has given its block back for good

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

// Moves what is in the block into the table, which is locked.
void empty(Block* block) {
  static Block copy;  // too large for a stack that somebody else has nearly filled
  if (!take(block)) return;
  memcpy(static_cast<void*>(&copy), block, offsetof(Block, shapes));
  memcpy(copy.shapes, block->shapes, sizeof(Shape) * copy.shapes_used);
  memcpy(copy.uses, block->uses, sizeof(CountedUse) * copy.uses_used);
  block->shapes_used = 0;
  block->uses_used = 0;
  block->generation++;
  release(block);
  CounterKey key{};
  key.database = copy.database;
  memcpy(key.application_name, copy.application_name, NAMEDATALEN);
  for (const Shape* shape = copy.shapes; shape < copy.shapes + copy.shapes_used; shape++) {
    CounterValues part = shape->values;
    part.rows = part.nanoseconds = part.sessions = 0;
    for (uint32_t i = shape->first; i < shape->first + shape->count; i++) {
      key.use = copy.uses[i];
      put_counter(key, key.use.relation_id == 0 ? shape->values : part);
    }
  }
}

void empty_mine() {
  if (mine->shapes_used == 0) return;
  const TableLocked locked(LW_EXCLUSIVE);
  empty(mine);
}

void give_back(int, Datum) {
  gone = true;
  if (mine == nullptr) return;
  empty_mine();
  mine->pid = 0;
  mine = nullptr;
}

bool have_block() {
  if (mine != nullptr) return true;
  if (shared == nullptr || MyProc == nullptr || gone) return false;
  {
    const TableLocked locked(LW_EXCLUSIVE);
    for (Block* block = blocks; block < blocks + shared->blocks && mine == nullptr; block++)
      if (block->pid == 0) mine = block;
    if (mine == nullptr) return false;
    mine->pid = MyProcPid;
    mine->database = MyDatabaseId;
    mine->application_name[0] = '\0';
    mine->generation++;
  }
  // After the callback of before_shmem_exit that ends the transaction (ShutdownPostgres), which has
  // the statements counted that ended with the session.
  on_shmem_exit(give_back, Datum{0});
  return true;
}

uint64_t hash_of(const CountedUse* uses, uint32_t count) {
  uint64_t hash = count;
  for (const CountedUse* use = uses; use < uses + count; use++) {
    uint64_t words[sizeof(CountedUse) / sizeof(uint64_t)];
    memcpy(words, use, sizeof(words));
    for (const uint64_t word : words)
      hash = (hash ^ word) * 0x9e3779b97f4a7c15 + (hash >> 32);
  }
  return hash;
}

// Returns the place of the uses in the block, which is taken; null when there is no room.
Shape* shape_of(const CountedUse* uses, uint32_t count) {
  const uint64_t hash = hash_of(uses, count);
  Shape* const end = mine->shapes + mine->shapes_used;
  for (Shape* shape = mine->shapes; shape < end; shape++)
    if (shape->hash == hash && shape->count == count &&
        memcmp(mine->uses + shape->first, uses, sizeof(CountedUse) * count) == 0)
      return shape;
  if (mine->shapes_used == kShapes || mine->uses_used + count > kUses) return nullptr;
  *end = {hash, mine->uses_used, count, {}};
  memcpy(mine->uses + mine->uses_used, uses, sizeof(CountedUse) * count);
  mine->shapes_used++;
  mine->uses_used += count;
  return end;
}

void add(Shape* shape, const CounterValues& values) {
  CounterValues& to = shape->values;
  if (to.last == 0) to.first = values.first;
  to.last = values.last;
  to.calls += values.calls;
  to.rows += values.rows;
  to.nanoseconds += values.nanoseconds;
  to.sessions += values.sessions;
}

// Counts uses that fit into a block.
void count_uses(const CountedUse* uses, uint32_t count, const CounterValues& values,
                CountedAt* place) {
  if (!take(mine)) return lose(uses, count);
  Shape* shape =
      place->generation == mine->generation ? &mine->shapes[place->index] : shape_of(uses, count);
  if (shape == nullptr) {
    release(mine);
    empty_mine();
    if (!take(mine)) return lose(uses, count);
    shape = shape_of(uses, count);
  }
  if (shape != nullptr) {
    add(shape, values);
    *place = {mine->generation, static_cast<uint32_t>(shape - mine->shapes)};
  }
  release(mine);
  if (shape == nullptr) lose(uses, count);
}

void wake_launcher() {
  if (pg_atomic_read_u32(&shared->awake) != 0) return;
  pg_atomic_write_u32(&shared->awake, 1);
  Latch* launcher = shared->launcher;
  if (launcher != nullptr) SetLatch(launcher);
}

}  // namespace

void empty_blocks(Oid database) noexcept {
  for (Block* block = blocks; block < blocks + shared->blocks; block++) {
    // Read while its session may count: what is counted right now may be seen or not.
    if (block->shapes_used == 0 || (OidIsValid(database) && block->database != database)) continue;
    empty(block);
  }
}

bool is_counted_at(const CountedAt& place) noexcept {
  return mine != nullptr && place.generation == mine->generation;
}

void add_counts(const std::vector<CountedUse>& uses, const CounterValues& values,
                const char* application_name, CountedAt* place) noexcept {
  if (!have_block()) return;
  if (strncmp(mine->application_name, application_name, NAMEDATALEN - 1) != 0) {
    empty_mine();
    if (mine->shapes_used != 0) return lose(uses.data(), uses.size());
    strncpy(mine->application_name, application_name, NAMEDATALEN - 1);
  }
  if (uses.size() <= kUses) {
    count_uses(uses.data(), static_cast<uint32_t>(uses.size()), values, place);
  } else {
    for (size_t from = 0; from < uses.size(); from += kUses) {
      CountedAt nowhere;
      count_uses(uses.data() + from,
                 static_cast<uint32_t>(std::min<size_t>(kUses, uses.size() - from)), values,
                 &nowhere);
    }
  }
  wake_launcher();
}

}  // namespace strata::pg
