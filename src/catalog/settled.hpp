// strata.settled: whether what is tracked is tracked by this database, or came with a dump.
#pragma once

namespace strata::catalog {

// Says that the registry is of this database from now on (Registry::came_with_dump).
void settle();

}  // namespace strata::catalog
