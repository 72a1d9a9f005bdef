// The server's hooks for shared memory, which every piece of ours needs alike.
//
// Scope: the postmaster, while it loads the library; the callbacks run there at each start, also
// the one after a crash.
#pragma once

#include "pg/prelude.hpp"

namespace strata::pg {

// Has `request` called where memory and locks are asked for, and `startup` where they are found or
// made. After those of other libraries that were loaded before, and in the order of these calls.
// Both are raise-kind, with nothing of C++ on the stack.
void use_shared_memory(void (*request)(), void (*startup)());

}  // namespace strata::pg
