// strata.retire: drops the schema of a version.
#include "catalog/registry.hpp"
#include "catalog/relations.hpp"
#include "pg/depend.hpp"
#include "pg/function.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "version/kept.hpp"
#include "version/rights.hpp"
#include "version/version_lock.hpp"

namespace strata::version {
namespace {

catalog::Version require_live(Oid base, const std::string& version) {
  const catalog::BaseSchema& tracked = require_tracked(base);
  for (const auto& [id, found] : catalog::registry().versions())
    if (found.base == tracked.name && found.version == version) return found;
  throw Error(sqlstate::kNotTracked,
              fmt::format("schema \"{}\" has no live version \"{}\"", tracked.name, version),
              "It was never published, or it is retired already.",
              "SELECT base, version, state FROM strata.versions;");
}

// What goes with the version: its views with their row types, rules and defaults, and the types in
// its schema. Then what depends on any of these, or lives in the schema, and is none of them.
constexpr const char* kUsers = R"(
WITH views AS (
  SELECT x.oid FROM strata.published_relation AS r,
         LATERAL (VALUES (r.view::pg_catalog.oid), (r.inverse::pg_catalog.oid)) AS x(oid)
  WHERE r.version_id = $2 AND x.oid IS NOT NULL),
types AS (
  SELECT t.oid, t.typarray, t.typrelid FROM pg_catalog.pg_type AS t
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
  WHERE c.oid IN (SELECT oid FROM views)
     OR (t.typnamespace = $1 AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c'))),
own(classid, objid) AS (
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, v.oid FROM views AS v
  UNION SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, t.typrelid FROM types AS t
  UNION SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid FROM types AS t
  UNION SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.typarray FROM types AS t
  UNION SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass, w.oid FROM pg_catalog.pg_rewrite AS w
        WHERE w.ev_class IN (SELECT oid FROM views)
  UNION SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, a.oid FROM pg_catalog.pg_attrdef AS a
        WHERE a.adrelid IN (SELECT oid FROM views))
SELECT DISTINCT CASE WHEN w.oid IS NULL THEN pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
       ELSE pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, w.ev_class, 0) END
FROM pg_catalog.pg_depend AS d
LEFT JOIN pg_catalog.pg_rewrite AS w
  ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid
WHERE d.deptype = 'n'
  AND ((d.refclassid, d.refobjid) IN (SELECT classid, objid FROM own)
       OR (d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1))
  AND (d.classid, d.objid) NOT IN (SELECT classid, objid FROM own)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS i
                  WHERE i.classid = d.classid AND i.objid = d.objid AND i.deptype = 'i'
                    AND (i.refclassid, i.refobjid) IN (SELECT classid, objid FROM own))
ORDER BY 1)";

// Raises ST005 when something that is not the version's own depends on it.
void require_unused(pg::Spi& spi, const catalog::Version& version) {
  const auto users =
      spi.query(kUsers, {pg::SqlArg::oid(version.schema_oid), pg::SqlArg::int8(version.id)});
  if (users.empty()) return;
  std::string list;
  for (const pg::SqlRow& row : users)
    list += (list.empty() ? "" : ", ") + row[0].value_or("?");
  throw Error(
      sqlstate::kVersionInUse,
      fmt::format("cannot retire version \"{}\" of schema \"{}\"", version.version, version.base),
      fmt::format("These depend on it or live in its schema: {}.", list),
      "Drop or move them first.");
}

// Runs `command` with the objects that the query names, if there are any. Always RESTRICT: what the
// checks above overlooked makes the server refuse, and nobody's object goes along.
void drop_all(pg::Spi& spi, const char* command, const char* query,
              const catalog::Version& version) {
  std::string list;
  for (const pg::SqlRow& row :
       spi.query(query, {pg::SqlArg::oid(version.schema_oid), pg::SqlArg::int8(version.id)}))
    list += (list.empty() ? "" : ", ") + *row[0];
  if (!list.empty()) spi.run(fmt::format("{} {}", command, list));
}

void drop_version(pg::Spi& spi, const catalog::Version& version) {
  drop_all(spi, "DROP VIEW",
           "SELECT c.oid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_class AS c "
           "WHERE c.relkind = 'v' AND $1::pg_catalog.oid IS NOT NULL AND c.oid IN "
           "  (SELECT x.oid FROM strata.published_relation AS r, LATERAL (VALUES "
           "   (r.view::pg_catalog.oid), (r.inverse::pg_catalog.oid)) AS x(oid) "
           "   WHERE r.version_id = $2)",
           version);
  if (!OidIsValid(version.schema_oid)) return;
  // Adopted types that no other version shows.
  drop_all(spi, "DROP TYPE",
           "SELECT t.oid::pg_catalog.regtype::pg_catalog.text FROM pg_catalog.pg_type AS t "
           "LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid "
           "WHERE t.typnamespace = $1 AND $2::bigint IS NOT NULL "
           "  AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')",
           version);
  spi.run(fmt::format("DROP SCHEMA {}", pg::quote(version.schema)));
}

}  // namespace

STRATA_FUNCTION(retire) {
  const Oid base = args.oid(0);
  require_owner_of(base);
  const VersionLock lock(base);
  const catalog::Version version = require_live(base, args.text(1));
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::InternalDdl internal;
  pg::Spi spi;
  hand_on_adopted_types(spi, version);
  // They may stand on types of the version's schema.
  drop_unneeded_indexes(spi, version.id);
  require_unused(spi, version);
  drop_version(spi, version);
  for (const char* table : {"contract_column", "column_write"})
    spi.run(fmt::format("DELETE FROM strata.{} WHERE relation_id IN (SELECT r.relation_id FROM "
                        "strata.published_relation AS r WHERE r.version_id = $1)",
                        table),
            {pg::SqlArg::int8(version.id)});
  spi.run("DELETE FROM strata.published_relation WHERE version_id = $1",
          {pg::SqlArg::int8(version.id)});
  spi.run(
      "UPDATE strata.published_version SET state = 'retired', retired_at = pg_catalog.now() WHERE "
      "version_id = $1",
      {pg::SqlArg::int8(version.id)});
  return args.none();
}

}  // namespace strata::version
