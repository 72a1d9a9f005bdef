// Views of others over version views.
#pragma once

#include "pg/guard.hpp"

namespace strata::rewrite {

// Returns the view that `view` reads, when a write of this kind to it is the server's to pass on:
// the view is updatable by itself and has no rule or INSTEAD OF trigger for it. Else InvalidOid.
Oid passes_writes_to(Oid view, CmdType command);

}  // namespace strata::rewrite
