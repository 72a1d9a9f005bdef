// Owns: the hooks, and who is called by them (see shared_memory.hpp).
#include "pg/shared_memory.hpp"

extern "C" {
#include "miscadmin.h"
#include "storage/ipc.h"
}

namespace strata::pg {
namespace {

struct Piece {
  void (*request)();
  void (*startup)();
};

// Never freed, and read where an error may jump over it.
auto* const pieces = new std::vector<Piece>();
shmem_request_hook_type next_request = nullptr;
shmem_startup_hook_type next_startup = nullptr;

void request() {
  if (next_request) next_request();
  for (const Piece& piece : *pieces)
    piece.request();
}

void startup() {
  if (next_startup) next_startup();
  for (const Piece& piece : *pieces)
    piece.startup();
}

}  // namespace

void use_shared_memory(void (*on_request)(), void (*on_startup)()) {
  if (pieces->empty()) {
    next_request = std::exchange(shmem_request_hook, request);
    next_startup = std::exchange(shmem_startup_hook, startup);
  }
  pieces->push_back({on_request, on_startup});
}

}  // namespace strata::pg
