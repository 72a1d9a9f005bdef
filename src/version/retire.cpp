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

// Raises ST005 when something that is not the version's own depends on it.
void require_unused(pg::Spi& spi, const catalog::Version& version) {
  const auto users = spi.query(
      "WITH own AS ("
      "  SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.relnamespace = $1 "
      "  UNION SELECT x.oid FROM strata.published_relation AS r, LATERAL (VALUES "
      "(r.view::pg_catalog.oid), "
      "    (r.inverse::pg_catalog.oid)) AS x(oid) WHERE r.version_id = $2 AND x.oid IS NOT NULL), "
      "rules AS (SELECT w.oid, w.ev_class FROM pg_catalog.pg_rewrite AS w) "
      "SELECT DISTINCT pg_catalog.pg_describe_object("
      "  CASE WHEN w.oid IS NULL THEN d.classid ELSE 'pg_catalog.pg_class'::regclass END, "
      "  COALESCE(w.ev_class, d.objid), 0) "
      "FROM pg_catalog.pg_depend AS d "
      "LEFT JOIN rules AS w ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND w.oid = d.objid "
      "WHERE d.deptype = 'n' AND d.refclassid = 'pg_catalog.pg_class'::regclass "
      "  AND d.refobjid IN (SELECT oid FROM own) "
      "  AND COALESCE(w.ev_class, CASE WHEN d.classid = 'pg_catalog.pg_class'::regclass THEN "
      "d.objid END, 0) "
      "      NOT IN (SELECT oid FROM own) "
      "  AND d.classid <> 'pg_catalog.pg_attrdef'::regclass "
      "UNION "
      "SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, c.oid, 0) "
      "FROM pg_catalog.pg_class AS c WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p', 'f', "
      "'v', 'm', 'S') "
      "  AND NOT EXISTS (SELECT FROM strata.published_relation AS r WHERE r.view = c.oid) "
      "UNION "
      "SELECT pg_catalog.pg_describe_object('pg_catalog.pg_proc'::regclass, p.oid, 0) "
      "FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = $1",
      {pg::SqlArg::oid(version.schema_oid), pg::SqlArg::int8(version.id)});
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

void drop_version(pg::Spi& spi, const catalog::Version& version) {
  for (const pg::SqlRow& row : spi.query("SELECT r.inverse::pg_catalog.regclass::pg_catalog.text "
                                         "FROM strata.published_relation AS r "
                                         "WHERE r.version_id = $1 AND r.inverse IS NOT NULL",
                                         {pg::SqlArg::int8(version.id)}))
    spi.run("DROP VIEW " + *row[0]);
  if (OidIsValid(version.schema_oid))
    spi.run(fmt::format("DROP SCHEMA {} CASCADE", pg::quote(version.schema)));
  // Those that are left: a twin that shows an adopted type went with the type.
  for (const pg::SqlRow& row : spi.query("SELECT r.view::pg_catalog.regclass::pg_catalog.text FROM "
                                         "strata.published_relation AS r "
                                         "JOIN pg_catalog.pg_class AS c ON c.oid = r.view "
                                         "WHERE r.version_id = $1 AND r.kind = 'twin'",
                                         {pg::SqlArg::int8(version.id)}))
    spi.run("DROP VIEW " + *row[0]);
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
  require_unused(spi, version);
  hand_on_adopted_types(spi, version);
  // Quiet: DROP SCHEMA CASCADE would list every view.
  spi.run("SELECT pg_catalog.set_config('client_min_messages', 'warning', true)");
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
  drop_unneeded_indexes(spi);
  return args.none();
}

}  // namespace strata::version
