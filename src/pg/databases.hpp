// The databases of the server, for a process that is connected to none.
//
// Scope: such a process; there are no caches to look into, so pg_database is read from one end to
// the other, as autovacuum's launcher does (postmaster/autovacuum.c, get_database_list).
#pragma once

#include "pg/prelude.hpp"

namespace strata::pg {

// Returns whether there is such a database, which is not left over from an interrupted DROP.
bool database_exists(Oid database);

// Returns the databases that clients work in: those that allow connections and are no templates.
std::vector<Oid> client_databases();

}  // namespace strata::pg
