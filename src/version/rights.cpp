// Owns: the checks of a caller's rights, made before any lock is taken (see rights.hpp).
#include "version/rights.hpp"

#include "pg/guard.hpp"
#include "pg/names.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "catalog/pg_namespace.h"
#include "commands/dbcommands.h"
}

namespace strata::version {

void require_owner_of(Oid base) {
  // First, because core's test answers yes to a superuser whether or not the schema exists.
  const std::string name = pg::schema_name(base);
  if (name.empty())
    throw Error(ERRCODE_UNDEFINED_SCHEMA, fmt::format("schema with OID {} does not exist", base));
  const bool owns =
      pg::call([&] { return strata_compat_owns(NamespaceRelationId, base, GetUserId()); });
  if (owns) return;
  throw Error(ERRCODE_INSUFFICIENT_PRIVILEGE, fmt::format("must be owner of schema {}", name),
              "Tracking and publishing a schema are its owner's business.",
              fmt::format("Ask the owner, or: ALTER SCHEMA {} OWNER TO {};", pg::quote(name),
                          pg::quote(pg::role_name(GetUserId()))));
}

void require_create_schema() {
  if (pg::call([] {
        return strata_compat_database_aclcheck(MyDatabaseId, GetUserId(), ACL_CREATE);
      }) == ACLCHECK_OK)
    return;
  const std::string database = pg::call([] { return get_database_name(MyDatabaseId); });
  throw Error(ERRCODE_INSUFFICIENT_PRIVILEGE,
              fmt::format("permission denied for database {}", database),
              "A publish creates a schema, which wants the right that CREATE SCHEMA wants.",
              fmt::format("GRANT CREATE ON DATABASE {} TO {};", pg::quote(database),
                          pg::quote(pg::role_name(GetUserId()))));
}

void require_name_for_path(const std::string& schema) {
  if (schema != "$user") return;
  throw Error(ERRCODE_INVALID_NAME, "a schema named \"$user\" cannot be tracked or published",
              "In a search_path that name means the schema of the current role, so no client could "
              "be sent there.",
              "Choose another name: ALTER SCHEMA \"$user\" RENAME TO ...;");
}

const catalog::BaseSchema& require_tracked(Oid base) {
  const catalog::BaseSchema* found = catalog::registry().base_schema(base);
  if (found != nullptr) return *found;
  const std::string name = pg::schema_name(base);
  if (name.empty())
    throw Error(ERRCODE_UNDEFINED_SCHEMA, fmt::format("schema with OID {} does not exist", base));
  throw Error(sqlstate::kNotTracked, fmt::format("schema \"{}\" is not tracked", name),
              "pg_strata looks after schemas only once they are tracked.",
              fmt::format("SELECT strata.track({});", pg::quote_literal(pg::quote(name))));
}

void require_owner_of_relation(Oid relation) {
  const bool owns =
      pg::call([&] { return strata_compat_owns(RelationRelationId, relation, GetUserId()); });
  if (!owns)
    throw Error(ERRCODE_INSUFFICIENT_PRIVILEGE,
                fmt::format("must be owner of {}", pg::relation_display(relation)),
                "A mapping decides what every version of the table reads and writes.");
}

}  // namespace strata::version
