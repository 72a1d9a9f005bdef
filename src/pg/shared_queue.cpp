// Owns: what sessions and workers do with the queue (see shared_queue.hpp).
//
// Slots in no order: what one database has written is removed while entries of another still wait.
// Numbers keep the order. The lock is held for scans and copies, never while anything may raise or
// wait.
#include "pg/queue_memory.hpp"

extern "C" {
#include "storage/ipc.h"
#include "storage/proc.h"
}

namespace strata::pg {
namespace {

// A session gives up after this many tries of a quarter of a millisecond.
constexpr int kTries = 40;

// Takes the lock, or gives up: a process that was stopped while it held it must not stop refused
// statements of everybody.
bool lock_soon() {
  for (int i = 0; i < kTries; i++) {
    if (LWLockConditionalAcquire(queue->lock, LW_EXCLUSIVE)) return true;
    pg_usleep(250);
  }
  return false;
}

// What this session lost while others had the lock, which it notes when it has it next.
LostAttempts not_noted{};

// Notes what was counted as lost already. The queue is locked.
void note_lost(const LostAttempts& more) {
  LostAttempts* free = nullptr;
  for (LostAttempts& lost : queue->lost_of) {
    if (lost.count == 0) {
      if (free == nullptr) free = &lost;
    } else if (lost.database == more.database) {
      lost.count += more.count;
      lost.first = std::min(lost.first, more.first);
      lost.last = std::max(lost.last, more.last);
      return;
    }
  }
  if (free != nullptr) *free = more;
}

void count_lost(const LostAttempts& lost) {
  pg_atomic_fetch_add_u64(&queue->lost, static_cast<int64>(lost.count));
  note_lost(lost);
}

// The same for one, where the lock cannot be had: only the sum of all databases can be counted.
void count_lost_unlocked(const LostAttempts& one) {
  pg_atomic_fetch_add_u64(&queue->lost, 1);
  if (not_noted.count++ == 0) not_noted = one;
  not_noted.last = one.last;
}

// Returns the index of a free slot that this session may take; -1 when there is none.
int free_slot(int32_t pid) {
  if (queue->used >= queue->capacity) return -1;
  const int share = std::max(queue->capacity / 4, 1);
  int free = -1;
  int mine = 0;
  for (int i = 0; i < queue->capacity; i++) {
    if (heads[i].number == 0) {
      if (free < 0) free = i;
    } else if (heads[i].pid == pid && ++mine >= share) {
      return -1;
    }
  }
  return free;
}

void clear(int slot) {
  heads[slot].number = 0;
  queue->used--;
}

void sleep_again(int, Datum) {
  if (queue->launcher == MyLatch) queue->launcher = nullptr;
}

}  // namespace

bool put_attempt(const QueuedAttempt& attempt) noexcept {
  if (queue == nullptr || MyProc == nullptr) return false;
  const LostAttempts this_one{attempt.database, 1, attempt.at, attempt.at};
  if (!lock_soon()) {
    count_lost_unlocked(this_one);
    return false;
  }
  if (not_noted.count > 0) note_lost(std::exchange(not_noted, {}));
  const int slot = free_slot(attempt.pid);
  if (slot >= 0)
    fill_slot(slot, attempt);
  else
    count_lost(this_one);
  Latch* launcher = queue->launcher;
  LWLockRelease(queue->lock);
  if (launcher != nullptr) SetLatch(launcher);
  return slot >= 0;
}

void wake_me_for_attempts() {
  if (queue == nullptr) return;
  before_shmem_exit(sleep_again, Datum{0});
  const QueueLocked locked(LW_EXCLUSIVE);
  queue->launcher = MyLatch;
}

int waiting_databases(WaitingDatabase* out, int size) noexcept {
  if (queue == nullptr) return 0;
  const QueueLocked locked(LW_SHARED);
  int count = 0;
  const auto add = [&](Oid database, uint64_t number) {
    for (int i = 0; i < count; i++) {
      if (out[i].database != database) continue;
      if (number != 0 && (out[i].oldest == 0 || number < out[i].oldest)) out[i].oldest = number;
      return;
    }
    if (count < size) out[count++] = {database, number};
  };
  for (int i = 0; i < queue->capacity; i++)
    if (heads[i].number != 0) add(heads[i].database, heads[i].number);
  for (const LostAttempts& lost : queue->lost_of)
    if (lost.count != 0) add(lost.database, 0);
  std::sort(out, out + count,
            [](const WaitingDatabase& a, const WaitingDatabase& b) { return a.oldest < b.oldest; });
  return count;
}

int copy_attempts(Oid database, QueuedAttempt* out) noexcept {
  if (queue == nullptr) return 0;
  const QueueLocked locked(LW_SHARED);
  int oldest[kBatch];  // slots, by number
  int count = 0;
  for (int i = 0; i < queue->capacity; i++) {
    if (heads[i].number == 0 || heads[i].database != database) continue;
    if (count == kBatch && heads[i].number > heads[oldest[count - 1]].number) continue;
    int at = count < kBatch ? count++ : count - 1;
    for (; at > 0 && heads[oldest[at - 1]].number > heads[i].number; at--)
      oldest[at] = oldest[at - 1];
    oldest[at] = i;
  }
  for (int i = 0; i < count; i++)
    out[i] = slots[oldest[i]];
  return count;
}

void remove_attempts(const uint64_t* numbers, int count) noexcept {
  if (queue == nullptr || count == 0) return;
  const QueueLocked locked(LW_EXCLUSIVE);
  for (int i = 0; i < queue->capacity; i++)
    if (heads[i].number != 0 && std::binary_search(numbers, numbers + count, heads[i].number))
      clear(i);
}

LostAttempts lost_attempts(Oid database) noexcept {
  if (queue == nullptr) return {};
  const QueueLocked locked(LW_SHARED);
  for (const LostAttempts& lost : queue->lost_of)
    if (lost.count != 0 && lost.database == database) return lost;
  return {};
}

void forget_lost(const LostAttempts& known) noexcept {
  if (queue == nullptr || known.count == 0) return;
  const QueueLocked locked(LW_EXCLUSIVE);
  for (LostAttempts& lost : queue->lost_of) {
    if (lost.count == 0 || lost.database != known.database) continue;
    lost.count -= std::min(lost.count, known.count);
    lost.first = known.last;
  }
}

uint64_t discard_attempts(Oid database, bool gone) noexcept {
  if (queue == nullptr) return 0;
  const QueueLocked locked(LW_EXCLUSIVE);
  uint64_t count = 0;
  for (int i = 0; i < queue->capacity; i++) {
    if (heads[i].number == 0 || heads[i].database != database) continue;
    clear(i);
    count++;
  }
  const TimestampTz now = GetCurrentTimestamp();
  if (count > 0) count_lost({database, count, now, now});
  for (LostAttempts& lost : queue->lost_of)
    if (gone && lost.database == database) lost = {};
  return count;
}

QueueState queue_state() noexcept {
  if (queue == nullptr) return {};
  const QueueLocked locked(LW_SHARED);
  return {queue->capacity, queue->used, pg_atomic_read_u64(&queue->lost)};
}

int waiting_attempts(Oid database) noexcept {
  if (queue == nullptr) return 0;
  const QueueLocked locked(LW_SHARED);
  int count = 0;
  for (int i = 0; i < queue->capacity; i++)
    if (heads[i].number != 0 && heads[i].database == database) count++;
  return count;
}

}  // namespace strata::pg
