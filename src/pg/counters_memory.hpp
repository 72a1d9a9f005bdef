// How the shared memory of the counters is laid out; for the files that own parts of it
// (shared_counters.cpp, counter_blocks.cpp, counter_flushes.cpp,
// counter_eviction.cpp) and for nobody else.
#pragma once

#include "pg/shared_counters.hpp"

extern "C" {
#include "port/atomics.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "utils/hsearch.h"
}

namespace strata::pg {

// --- blocks: what one session has counted ---

constexpr uint32_t kShapes = 48;
constexpr uint32_t kUses = 192;

// Uses that are counted together, because one statement has all of them.
struct Shape {
  uint64_t hash;
  uint32_t first;  // in Block::uses
  uint32_t count;
  CounterValues values;
};

struct Block {
  pg_atomic_flag taken;
  int32_t pid;  // 0: nobody's
  Oid database;
  uint32_t shapes_used;
  uint32_t uses_used;
  uint64_t generation;  // changes when it is emptied
  char application_name[NAMEDATALEN];
  Shape shapes[kShapes];
  CountedUse uses[kUses];
};

// --- flushes ---

// How many databases are known at a time to have been flushed, or to ask for it.
constexpr int kFlushed = 64;

struct Flushed {
  Oid database;
  uint64_t asked;
  uint64_t served;
  uint64_t done;
};

// --- all of it ---

struct SharedCounters {
  int capacity;
  int blocks;
  Latch* launcher;         // of a PGPROC, which stays mapped when its process is gone
  pg_atomic_uint32 awake;  // the launcher knows that something waits
  pg_atomic_uint64 evicted;
  pg_atomic_uint64 lost_at;
  pg_atomic_uint64 resets;
  pg_atomic_uint64 moves_begun;
  pg_atomic_uint64 moves_ended;
  uint64_t born;     // counters that were ever in the table
  uint64_t flushes;  // that were ever done
  Flushed flushed[kFlushed];
};

extern SharedCounters* shared;  // null: there is none
extern Block* blocks;
extern HTAB* counter_table;
extern LWLock* table_lock;

class TableLocked {
 public:
  explicit TableLocked(LWLockMode mode) { LWLockAcquire(table_lock, mode); }
  ~TableLocked() { LWLockRelease(table_lock); }
  TableLocked(const TableLocked&) = delete;
  TableLocked& operator=(const TableLocked&) = delete;
};

// Notes that what was counted of these uses is lost.
void lose(const CountedUse* uses, size_t count) noexcept;

// Adds to the counter in the table, which is locked; makes room where there is none.
void put_counter(const CounterKey& key, const CounterValues& values) noexcept;

// Moves what is in the blocks of the database's sessions into the table, which is locked;
// InvalidOid: of all.
void empty_blocks(Oid database) noexcept;

// Calls `body` with every counter of the table, which is locked; it may remove that one.
template <class Body>
void each_counter(Body body) {
  HASH_SEQ_STATUS scan;
  hash_seq_init(&scan, counter_table);
  while (void* found = hash_seq_search(&scan))
    body(static_cast<Counter*>(found));
}

inline void remove_counter(const Counter* counter) noexcept {
  (void)hash_search(counter_table, &counter->key, HASH_REMOVE, nullptr);
}

// Makes room in the table, which is locked and full.
void evict_counters() noexcept;

// Calls `body` with the OID of the database of every block that has something, and of every counter
// of the table, which is locked.
template <class Body>
void each_counting_database(Body body) {
  for (Block* block = blocks; block < blocks + shared->blocks; block++)
    if (block->shapes_used != 0) body(block->database);
  each_counter([&](const Counter* counter) { body(counter->key.database); });
}

}  // namespace strata::pg
