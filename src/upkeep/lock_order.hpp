// Locks: version views before their tables, in the mode the statement takes on the table.
//
// A client of a version locks the view and then the table. DDL that locked the table first would
// wait for the view while the client waits for the table. So every DDL on a base table, also a
// harmless one, locks the views first: core's own order for an index and its table, the other way
// round.
#pragma once

#include "catalog/registry.hpp"
#include "ddl/statement.hpp"
#include "pg/lock.hpp"

namespace strata::upkeep {

// Locks the version views of all relations of the statement, sorted by OID, then the relations.
// Returns false, having given back what it took, when a name of the statement means another
// relation by then.
bool lock_views_first(const catalog::Registry& registry, const ddl::Statement& statement,
                      const pg::LockDeadline& deadline);

}  // namespace strata::upkeep
