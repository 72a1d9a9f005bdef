// Looking for tables of well-known names, again and again.
//
// Scope: backend. What was found is remembered until a table of that name comes or goes.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns the ordinary tables of that name, in any schema.
std::vector<Oid> tables_named(const std::string& name);

// Begins to listen. Called once from _PG_init.
void watch_named_tables();

}  // namespace strata::pg
