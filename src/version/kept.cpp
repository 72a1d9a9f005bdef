// Owns: handing on and cleaning up (see kept.hpp).
#include "version/kept.hpp"

#include "pg/mapping_index.hpp"
#include "pg/names.hpp"

namespace strata::version {
namespace {

bool is_free(pg::Spi& spi, const std::string& name, Oid schema) {
  // A view's row type takes a name too.
  return spi
      .query("SELECT FROM pg_catalog.pg_type WHERE typname = $1 AND typnamespace = $2",
             {pg::SqlArg::name(name), pg::SqlArg::oid(schema)})
      .empty();
}

// Returns a name for the type in the schema: the one contracts knew it by, else its present one,
// else that with a number.
std::string free_name(pg::Spi& spi, Oid type, Oid schema) {
  const auto names = spi.query(
      "SELECT t.typname, (SELECT n[pg_catalog.array_upper(n, 1)] FROM (SELECT "
      "                     pg_catalog.parse_ident(pg_catalog.replace(c.type_name, '[]', ''), "
      "                                            false) AS n "
      "                   FROM strata.contract_column AS c WHERE c.type IN (t.oid, t.typarray) "
      "                   ORDER BY c.relation_id, c.position LIMIT 1) AS known) "
      "FROM pg_catalog.pg_type AS t WHERE t.oid = $1",
      {pg::SqlArg::oid(type)});
  const std::string current = names.at(0).at(0).value();
  if (names.at(0).at(1) && is_free(spi, *names[0][1], schema)) return *names[0][1];
  if (is_free(spi, current, schema)) return current;
  for (int i = 1; i < 100; i++) {
    const std::string name = fmt::format("{}_{}", current.substr(0, 58), i);
    if (is_free(spi, name, schema)) return name;
  }
  throw Error(ERRCODE_DUPLICATE_OBJECT, fmt::format("no free name for type \"{}\"", current));
}

}  // namespace

void move_type(pg::Spi& spi, Oid type, Oid schema) {
  const std::string name = free_name(spi, type, schema);
  const std::string to = pg::quote(pg::schema_name(schema));
  const std::string from =
      *spi.query(
              "SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_type AS t "
              "JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace WHERE t.oid = $1",
              {pg::SqlArg::oid(type)})
           .at(0)
           .at(0);
  // Renamed where it is under a name nobody uses, moved, and only then given its name: in between,
  // neither schema may have a type of the same name.
  const std::string passage = fmt::format("strata_adopted_{}", type);
  spi.run(fmt::format("ALTER TYPE {} RENAME TO {}", pg::type_display(type, -1), passage));
  spi.run(fmt::format("ALTER TYPE {}.{} SET SCHEMA {}", from, passage, to));
  spi.run(fmt::format("ALTER TYPE {}.{} RENAME TO {}", to, passage, pg::quote(name)));
}

void hand_on_adopted_types(pg::Spi& spi, const catalog::Version& version) {
  // Asked first and alone: most versions adopted nothing, and the planner has no statistics of the
  // registry's tables right after a publish.
  if (spi.query(
             "SELECT FROM pg_catalog.pg_type AS t WHERE t.typnamespace = $1 AND t.typelem = 0 "
             "  AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS k WHERE k.oid = t.typrelid AND "
             "                  k.relkind <> 'c') LIMIT 1",
             {pg::SqlArg::oid(version.schema_oid)})
          .empty())
    return;
  // By what depends on them and not by contracts: a mapping may pass through a type that no
  // contract shows.
  const auto types = spi.query(
      "SELECT DISTINCT ON (t.oid) t.oid, v.schema "
      "FROM pg_catalog.pg_type AS t "
      "JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_type'::regclass "
      "  AND d.refobjid IN (t.oid, t.typarray) "
      "LEFT JOIN pg_catalog.pg_rewrite AS w ON d.classid = 'pg_catalog.pg_rewrite'::regclass "
      "  AND w.oid = d.objid "
      "JOIN strata.published_relation AS r "
      "  ON COALESCE(w.ev_class, CASE WHEN d.classid = 'pg_catalog.pg_class'::regclass "
      "                          THEN d.objid END) IN (r.view, r.inverse) "
      "JOIN strata.published_version AS v ON v.version_id = r.version_id AND v.state <> 'retired' "
      "WHERE t.typnamespace = $1 AND v.version_id <> $2 AND t.typcategory <> 'A' "
      "  AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS k WHERE k.oid = t.typrelid AND "
      "k.relkind <> 'c') "
      "ORDER BY t.oid, v.version_id",
      {pg::SqlArg::oid(version.schema_oid), pg::SqlArg::int8(version.id)});
  for (const pg::SqlRow& row : types)
    move_type(spi, pg::to_oid(row[0]), pg::schema_oid(*row[1]));
}

std::vector<KeptIndex> unneeded_indexes(pg::Spi& spi, int64_t leaving) {
  std::vector<KeptIndex> out;
  // An index that is part of a partitioned one goes with it.
  for (const pg::SqlRow& row :
       spi.query("SELECT k.index::pg_catalog.oid, k.relation::pg_catalog.oid "
                 "FROM strata.kept_index AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.index "
                 "WHERE NOT c.relispartition "
                 // Anybody may write the comment that marks an index, on a table of his own.
                 "  AND (k.relation IN (SELECT r.base FROM strata.published_relation AS r) "
                 "       OR c.relnamespace IN "
                 "          (SELECT n.oid FROM pg_catalog.pg_namespace AS n "
                 "           JOIN strata.base_schema AS b ON b.base = n.nspname)) "
                 "ORDER BY k.relation, k.index")) {
    const Oid index = pg::to_oid(row[0]);
    const Oid relation = pg::to_oid(row[1]);
    bool needed = false;
    for (const catalog::VersionView* view : catalog::registry().views_of(relation))
      needed =
          needed || (view->version_id != leaving && pg::index_serves(index, view->view, relation));
    if (!needed) out.push_back({index, relation});
  }
  return out;
}

void drop_indexes(pg::Spi& spi, const std::vector<KeptIndex>& indexes) {
  for (const KeptIndex& kept : indexes)
    spi.run(fmt::format("DROP INDEX {}", pg::relation_display(kept.index)));
}

}  // namespace strata::version
