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

// For such a callback, of rows that remember their subtransaction: drops those of one that was
// rolled back, and hands those of one that was committed to its parent.
template <class Row>
void end_subtransaction(std::vector<Row>& rows, SubXactEvent event, SubTransactionId self,
                        SubTransactionId parent) {
  if (event == SUBXACT_EVENT_ABORT_SUB)
    std::erase_if(rows, [&](const Row& row) { return row.subtransaction == self; });
  if (event != SUBXACT_EVENT_COMMIT_SUB) return;
  for (Row& row : rows)
    if (row.subtransaction == self) row.subtransaction = parent;
}

}  // namespace strata::pg
