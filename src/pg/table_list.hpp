// Lists of tables that statements mean without naming them.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns the tables and materialized views of the schema, of all schemas but the system's when it
// is InvalidOid.
std::vector<Oid> tables_of_users(Oid schema);

// Returns the tables that CLUSTER without a name rewrites: those with an index marked for it.
std::vector<Oid> clustered_tables();

// Returns the relations with files in the tablespace; InvalidOid is the database's own.
std::vector<Oid> relations_in_tablespace(Oid tablespace);

// Returns the schemas of the tables that a publication names, and those it publishes as a whole.
std::vector<Oid> published_schemas(Oid publication);

// Returns true for a publication FOR ALL TABLES.
bool publishes_all(Oid publication);

}  // namespace strata::pg
