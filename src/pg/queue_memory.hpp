// How the shared memory of the queue is laid out; for the files that own parts of it
// (queue_memory.cpp, shared_queue.cpp) and for nobody else.
//
// What is searched for lies apart from the large rest of the entries, so that a scan is short.
#pragma once

#include "pg/shared_queue.hpp"

extern "C" {
#include "port/atomics.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
}

namespace strata::pg {

// How many databases can have lost entries at a time; of more, only the sum is known.
constexpr int kLostDatabases = 64;

struct SharedQueue {
  LWLock* lock;
  Latch* launcher;  // of a PGPROC, which stays mapped when its process is gone
  int capacity;
  int used;
  uint64_t next_number;
  pg_atomic_uint64 lost;  // atomic: also counted when the lock cannot be had
  LostAttempts lost_of[kLostDatabases];
};

// Says what is in the slot with the same index.
struct Head {
  uint64_t number;  // 0: the slot is free
  Oid database;
  int32_t pid;
};

// One after the other in shared memory: queue, heads, slots. Null: there is none.
extern SharedQueue* queue;
extern Head* heads;
extern QueuedAttempt* slots;

class QueueLocked {
 public:
  explicit QueueLocked(LWLockMode mode) { LWLockAcquire(queue->lock, mode); }
  ~QueueLocked() { LWLockRelease(queue->lock); }
  QueueLocked(const QueueLocked&) = delete;
  QueueLocked& operator=(const QueueLocked&) = delete;
};

// Puts the entry into a free slot, with the next number. The queue is locked.
inline void fill_slot(int slot, const QueuedAttempt& attempt) {
  slots[slot] = attempt;
  slots[slot].number = queue->next_number++;
  heads[slot] = {slots[slot].number, attempt.database, attempt.pid};
  queue->used++;
}

}  // namespace strata::pg
