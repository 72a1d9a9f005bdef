// Being told of the ends of subtransactions, by who has something to keep or to drop then.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "access/xact.h"
}

namespace strata::pg {

// Has the callback called from now on. Asked for with the first thing to keep and not when the
// library is loaded: most sessions never have one, and a session that connects would run through
// all of them, in pages of code that it needs for nothing else.
template <SubXactCallback callback>
void follow_subtransactions() {
  static bool followed = false;
  if (followed) return;
  call([] { RegisterSubXactCallback(callback, nullptr); });
  followed = true;
}

}  // namespace strata::pg
