// Owns: the shared memory of the queue, from the server's start to its stop (see queue_memory.hpp).
#include "pg/queue_memory.hpp"

#include "pg/queue_file.hpp"
#include "pg/shared_memory.hpp"

extern "C" {
#include "storage/ipc.h"
#include "storage/shmem.h"
}

namespace strata::pg {

SharedQueue* queue = nullptr;
Head* heads = nullptr;
QueuedAttempt* slots = nullptr;

namespace {

constexpr const char* kName = "pg_strata attempts";

int wanted_capacity = 0;

Size size_of_queue() {
  return MAXALIGN(sizeof(SharedQueue)) +
         static_cast<Size>(wanted_capacity) * (sizeof(Head) + sizeof(QueuedAttempt));
}

void save(int code, Datum) {
  // After a crash nothing in shared memory is to be trusted.
  if (code != 0 || queue == nullptr) return;
  KeptFile file(queue_file, KeptFile::kWrite);
  for (int i = 0; i < queue->capacity; i++)
    if (heads[i].number != 0) file.write(&slots[i]);
  file.finish();
}

void restore() {
  KeptFile file(queue_file, KeptFile::kRead);
  while (queue->used < queue->capacity && read_attempt(file, &slots[queue->used])) {
    slots[queue->used].pid = 0;
    fill_slot(queue->used, slots[queue->used]);
  }
  file.remove();
}

// Raise-kind callbacks of the postmaster, with nothing of C++ on the stack.
void request() {
  RequestAddinShmemSpace(size_of_queue());
  RequestNamedLWLockTranche(kName, 1);
}

void startup() {
  queue = nullptr;  // after a crash this is not the first time
  LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
  bool found = false;
  auto* made = static_cast<SharedQueue*>(ShmemInitStruct(kName, size_of_queue(), &found));
  if (!found) {
    memset(static_cast<void*>(made), 0, size_of_queue());
    made->lock = &GetNamedLWLockTranche(kName)->lock;
    made->capacity = wanted_capacity;
    made->next_number = 1;
    pg_atomic_init_u64(&made->lost, 0);
  }
  queue = made;
  heads = reinterpret_cast<Head*>(reinterpret_cast<char*>(made) + MAXALIGN(sizeof(SharedQueue)));
  slots = reinterpret_cast<QueuedAttempt*>(heads + made->capacity);
  LWLockRelease(AddinShmemInitLock);
  if (IsUnderPostmaster) return;
  on_shmem_exit(save, Datum{0});
  if (!found) restore();
}

}  // namespace

void install_shared_queue(int capacity) {
  wanted_capacity = capacity;
  use_shared_memory(request, startup);
}

}  // namespace strata::pg
