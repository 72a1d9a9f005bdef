// Owns: handing on and cleaning up (see kept.hpp).
#include "version/kept.hpp"

namespace strata::version {

void hand_on_adopted_types(pg::Spi& spi, const catalog::Version& version) {
  // Asked first and alone: most versions adopted nothing, and the planner has no statistics of the
  // contract table right after a publish.
  if (spi.query(
             "SELECT FROM pg_catalog.pg_type AS t WHERE t.typnamespace = $1 AND t.typelem = 0 "
             "  AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS k WHERE k.oid = t.typrelid AND "
             "                  k.relkind <> 'c') LIMIT 1",
             {pg::SqlArg::oid(version.schema_oid)})
          .empty())
    return;
  const auto types = spi.query(
      "SELECT DISTINCT ON (t.oid) t.oid::pg_catalog.regtype::pg_catalog.text, "
      "pg_catalog.quote_ident(v.schema) "
      "FROM pg_catalog.pg_type AS t "
      "JOIN strata.contract_column AS c ON c.type::pg_catalog.oid IN (t.oid, t.typarray) "
      "JOIN strata.published_relation AS r ON r.relation_id = c.relation_id "
      "JOIN strata.published_version AS v ON v.version_id = r.version_id AND v.state <> 'retired' "
      "WHERE t.typnamespace = $1 AND v.version_id <> $2 "
      "  AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS k WHERE k.oid = t.typrelid AND "
      "k.relkind <> 'c') "
      "ORDER BY t.oid, v.version_id",
      {pg::SqlArg::oid(version.schema_oid), pg::SqlArg::int8(version.id)});
  for (const pg::SqlRow& row : types)
    spi.run(fmt::format("ALTER TYPE {} SET SCHEMA {}", *row[0], *row[1]));
}

void drop_unneeded_indexes(pg::Spi& spi) {
  for (const pg::SqlRow& row :
       spi.query("SELECT k.index::pg_catalog.text FROM strata.kept_index AS k "
                 "WHERE NOT EXISTS (SELECT FROM strata.published_relation AS r WHERE r.base = "
                 "k.relation)"))
    spi.run("DROP INDEX " + *row[0]);
}

}  // namespace strata::version
