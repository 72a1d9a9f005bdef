// Owns: following renames (see rename.hpp).
#include "upkeep/rename.hpp"

#include "catalog/base_columns.hpp"
#include "catalog/registry.hpp"
#include "mapping/inverse.hpp"
#include "pg/lock.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "pg/relation.hpp"

namespace strata::upkeep {

void follow_renames(const ddl::Statement& statement) {
  for (const ddl::RenamedColumn& renamed : statement.renamed_columns)
    catalog::rename_base_column(renamed.relation, renamed.from, renamed.to);
  if (statement.renamed_schema.empty()) return;
  const pg::SqlArg from = pg::SqlArg::name(statement.renamed_schema);
  const pg::SqlArg to = pg::SqlArg::name(statement.new_schema);
  std::optional<int64_t> version_id;
  for (const auto& [id, version] : catalog::registry().versions())
    if (version.schema == statement.renamed_schema) version_id = id;
  const bool is_base = catalog::registry().base_schema(statement.renamed_schema) != nullptr;
  if (!is_base && !version_id) return;
  pg::OwnerSpi spi;
  // A version schema gets here in record mode only; it is refused otherwise.
  if (version_id)
    spi.run("UPDATE strata.published_version SET schema = $1 WHERE version_id = $2",
            {to, pg::SqlArg::int8(*version_id)});
  if (!is_base) return;
  for (const char* table :
       {"base_schema", "published_version", "guard_policy", "guard_rule", "proposal", "override",
        "change_window", "change_freeze", "rollout", "gate"})
    spi.run(fmt::format("UPDATE strata.{} SET base = $2 WHERE base = $1", table), {from, to});
}

void forget_drops(const ddl::Statement& statement) {
  // DROP EXTENSION takes along what was known of columns.
  if (statement.cascade && !OidIsValid(pg::relation_oid(pg::schema_oid("strata"), "base_column")))
    return;
  // A child's column that is its own as well stays.
  for (const ddl::DroppedColumn& dropped : statement.dropped_columns)
    if (pg::attribute_name(dropped.relation, dropped.attnum).empty())
      catalog::forget_dropped_column(dropped.relation, dropped.name);
  if (statement.cascade || statement.drops_owned) {
    catalog::forget_dropped_columns(InvalidOid);
    catalog::forget_dropped_relation(InvalidOid);
  }
  if (statement.drops.empty()) return;
  std::set<Oid> relations;
  for (const ddl::TargetRelation& target : statement.relations)
    relations.insert(target.relation);
  for (const Oid relation : relations) {
    mapping::forget_lost_outputs(relation);
    if (!pg::relation_exists(relation)) catalog::forget_dropped_relation(relation);
  }
}

}  // namespace strata::upkeep
