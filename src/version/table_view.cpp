// Owns: the version view of a relation that is read as it is (see plan.hpp).
#include "pg/names.hpp"
#include "version/plan.hpp"

namespace strata::version {

Oid create_table_view(pg::Spi& spi, const VersionPlan& plan, const BaseRelation& relation) {
  std::string columns;
  for (const BaseColumn& column : relation.columns)
    columns += fmt::format("{}{}", columns.empty() ? "" : ", ", pg::quote(column.name));
  spi.run(fmt::format("CREATE VIEW {}.{} {} AS SELECT {} FROM {}.{}", pg::quote(plan.schema),
                      pg::quote(relation.name),
                      plan.invoker ? "WITH (security_invoker = true)" : "", columns,
                      pg::quote(plan.base_name), pg::quote(relation.name)));
  // Nothing is written to materialized views.
  if (relation.kind != RELKIND_MATVIEW) add_fallback(spi, plan.schema, relation.name);
  return pg::relation_oid(pg::schema_oid(plan.schema), relation.name);
}

void add_fallback(pg::Spi& spi, const std::string& schema, const std::string& view) {
  spi.run(
      fmt::format("CREATE TRIGGER strata_write INSTEAD OF INSERT OR UPDATE OR DELETE ON {}.{} "
                  "FOR EACH ROW EXECUTE FUNCTION strata.write_through()",
                  pg::quote(schema), pg::quote(view)));
}

}  // namespace strata::version
