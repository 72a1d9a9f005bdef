// strata.retire: drops the schema of a version.
#include "catalog/registry.hpp"
#include "catalog/relations.hpp"
#include "guard/decided_call.hpp"
#include "pg/depend.hpp"
#include "pg/function.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "provenance/call.hpp"
#include "settings.hpp"
#include "upkeep/lock_order.hpp"
#include "version/idle.hpp"
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

// What is not the version's own, but depends on it or lives in its schema. Own are the version
// views, their inverse views and twins, the types of their rows, and types the version adopted
// (those that a contract still shows); with the types come their array types.
constexpr const char* kUsers = R"(
WITH views AS (
  SELECT c.oid, c.reltype FROM strata.published_relation AS r
  JOIN pg_catalog.pg_class AS c ON c.oid IN (r.view, r.inverse)
  WHERE r.version_id = $2 AND c.relkind = 'v'
), adoptable AS MATERIALIZED (
  SELECT t.oid, t.typarray, t.typrelid FROM pg_catalog.pg_type AS t
  WHERE t.typnamespace = $1 AND t.typelem = 0
    AND (t.typrelid = 0 OR (SELECT c.relkind FROM pg_catalog.pg_class AS c WHERE c.oid = t.typrelid) = 'c')
), types AS (
  SELECT t.oid, t.typarray, t.typrelid FROM pg_catalog.pg_type AS t
  JOIN views AS v ON v.reltype = t.oid
  UNION ALL
  SELECT t.* FROM adoptable AS t
  WHERE EXISTS (SELECT FROM strata.contract_column AS k WHERE k.type IN (t.oid, t.typarray))
     -- ... or that only a mapping passes through.
     OR EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                JOIN pg_catalog.pg_rewrite AS w ON w.oid = d.objid JOIN views AS v ON v.oid = w.ev_class
                WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass
                  AND d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray))
), own AS (
  SELECT 'pg_catalog.pg_class'::regclass::pg_catalog.oid AS classid, v.oid AS objid FROM views AS v
  UNION ALL SELECT 'pg_catalog.pg_class'::regclass, t.typrelid FROM types AS t WHERE t.typrelid <> 0
  UNION ALL SELECT 'pg_catalog.pg_type'::regclass, x.oid
            FROM types AS t, LATERAL (VALUES (t.oid), (t.typarray)) AS x(oid)
), users AS (
  SELECT d.classid, d.objid, d.objsubid FROM own AS o
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = o.classid AND d.refobjid = o.objid AND d.deptype = 'n'
  UNION
  SELECT d.classid, d.objid, 0 FROM pg_catalog.pg_depend AS d
  WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = $1 AND d.deptype = 'n'
), holders AS (
  -- A rule, default, constraint or trigger of an own view goes with it.
  SELECT u.*, COALESCE(w.ev_class, f.adrelid, k.conrelid, g.tgrelid) AS relation FROM users AS u
  LEFT JOIN pg_catalog.pg_rewrite AS w ON u.classid = 'pg_catalog.pg_rewrite'::regclass AND w.oid = u.objid
  LEFT JOIN pg_catalog.pg_attrdef AS f ON u.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = u.objid
  LEFT JOIN pg_catalog.pg_constraint AS k ON u.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = u.objid
  LEFT JOIN pg_catalog.pg_trigger AS g ON u.classid = 'pg_catalog.pg_trigger'::regclass AND g.oid = u.objid
)
SELECT DISTINCT CASE WHEN h.classid = 'pg_catalog.pg_rewrite'::regclass
                THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, h.relation, 0)
                ELSE pg_catalog.pg_describe_object(h.classid, h.objid, h.objsubid) END
FROM holders AS h
WHERE NOT EXISTS (SELECT FROM own AS o WHERE o.classid = h.classid AND o.objid = h.objid)
  AND NOT EXISTS (SELECT FROM views AS v WHERE v.oid = h.relation)
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

// An index is dropped under a lock on its table, which clients reach by the version views: so these
// come first, also those that go later.
void drop_indexes_of(pg::Spi& spi, const catalog::Version& version) {
  std::vector<KeptIndex> indexes;
  upkeep::lock_what_is_read([&] {
    indexes = unneeded_indexes(spi, version.id);
    upkeep::LockPlan plan;
    if (indexes.empty()) return plan;
    for (const auto& [oid, view] : catalog::registry().views())
      if (view.version_id == version.id) plan.add_view(oid, AccessExclusiveLock);
    for (const KeptIndex& kept : indexes) {
      plan.add_views_of(catalog::registry(), kept.relation, AccessExclusiveLock);
      plan.add_relation(kept.relation, AccessExclusiveLock);
    }
    return plan;
  });
  drop_indexes(spi, indexes);
}

void drop_version(pg::Spi& spi, const catalog::Version& version) {
  drop_all(spi, "DROP VIEW",
           "SELECT c.oid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_class AS c "
           "WHERE c.relkind = 'v' AND $1::pg_catalog.oid IS NOT NULL AND c.oid IN "
           "  (SELECT x.oid FROM strata.published_relation AS r, LATERAL (VALUES "
           "   (r.view::pg_catalog.oid), (r.inverse::pg_catalog.oid)) AS x(oid) "
           "   WHERE r.version_id = $2) ORDER BY c.oid",
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

// Takes away all of the version but the row that says that there was one, which usage needs.
void retire(const catalog::Version& version) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::InternalDdl internal;
  pg::Spi spi;
  hand_on_adopted_types(spi, version);
  // They may stand on types of the version's schema.
  drop_indexes_of(spi, version);
  require_unused(spi, version);
  drop_version(spi, version);
  for (const char* table : {"contract_column", "column_write"})
    spi.run(fmt::format("DELETE FROM strata.{} WHERE relation_id IN (SELECT r.relation_id FROM "
                        "strata.published_relation AS r WHERE r.version_id = $1)",
                        table),
            {pg::SqlArg::int8(version.id)});
  for (const char* table : {"published_relation", "brownout"})
    spi.run(fmt::format("DELETE FROM strata.{} WHERE version_id = $1", table),
            {pg::SqlArg::int8(version.id)});
  spi.run(
      "UPDATE strata.published_version SET state = 'retired', retired_at = pg_catalog.now() WHERE "
      "version_id = $1",
      {pg::SqlArg::int8(version.id)});
}

// Returns the call as its proposal has it; however that spells it (ddl/retire_call.hpp).
std::string forced_call(const catalog::Version& version) {
  return fmt::format("SELECT strata.retire({}, {}, force => true)",
                     pg::quote_literal(pg::quote(version.base)),
                     pg::quote_literal(version.version));
}

}  // namespace

STRATA_CHANGE(retire) {
  args.require(0, "base");
  args.require(1, "version");
  const Oid base = args.oid(0);
  const bool force = !args.is_null(2) && args.boolean(2);
  require_owner_of(base);
  const VersionLock lock(base);
  const catalog::Version version = require_live(base, args.text(1));
  require_unrouted(version);
  if (!force) {
    require_idle(version);
    retire(version);
    // Who used it while this waited for its locks has been counted by now.
    if (mode() == Mode::kEnforce) require_idle(version);
    return args.none();
  }
  guard::DecidedCall decision(forced_call(version), base, version.base);
  retire(version);
  decision.done();
  return args.none();
}

}  // namespace strata::version
