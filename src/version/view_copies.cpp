// Owns: publishing the views of a base schema as views over the version's own (see plan.hpp).
//
// A copy never meets the base tables, so DDL on them cannot reach it. A view that runs with its
// owner's rights gets twins: version views of the tables it reads that run with the same owner's
// rights, because the version's own views ask for the caller's and would refuse callers who may
// read only the view.
#include "pg/names.hpp"
#include "pg/view_copy.hpp"
#include "version/plan.hpp"

namespace strata::version {
namespace {

class Copier {
 public:
  Copier(pg::Spi& spi, const VersionPlan& plan, int64_t version_id, std::map<Oid, Oid>& made,
         std::set<Oid>& copied)
      : spi_(spi), plan_(plan), version_id_(version_id), made_(made), copied_(copied) {
    for (const BaseRelation& relation : plan.relations)
      by_oid_[relation.oid] = &relation;
  }

  // Makes the version's view of a base view, after those of the views it reads.
  void publish(const BaseRelation& view) {
    if (made_.count(view.oid) > 0) return;
    std::set<Oid> read;
    for (const Oid relation : pg::relations_read(view.oid)) {
      const auto found = by_oid_.find(relation);
      if (found == by_oid_.end()) continue;
      read.insert(relation);
      if (found->second->is_view()) publish(*found->second);
    }
    const std::string obstacle = pg::obstacle_to_copy(view.oid, read);
    if (obstacle.empty())
      copy(view, read);
    else
      read_as_it_is(view, obstacle);
  }

 private:
  void copy(const BaseRelation& view, const std::set<Oid>& read) {
    const std::string name = pg::quote(plan_.schema) + "." + pg::quote(view.name);
    spi_.run(fmt::format("CREATE VIEW {} {} AS {}", name,
                         view.options.empty() ? "" : "WITH (" + view.options + ")",
                         pg::shape_of(view.oid)));
    const Oid made = pg::relation_oid(pg::schema_oid(plan_.schema), view.name);
    std::map<Oid, Oid> relations;
    for (const Oid relation : read) {
      const BaseRelation& source = *by_oid_.at(relation);
      const bool twin = plan_.invoker && !view.runs_as_caller && !source.is_view();
      relations[relation] = twin ? twin_of(source, view.owner) : made_.at(relation);
    }
    pg::copy_view_query(view.oid, made, relations);
    // Only now: core takes the option for a query that is updatable, which the shape is not.
    if (!view.check_option.empty())
      spi_.run(fmt::format("ALTER VIEW {} SET (check_option = {})", name, view.check_option));
    made_[view.oid] = made;
    copied_.insert(view.oid);
  }

  void read_as_it_is(const BaseRelation& view, const std::string& obstacle) {
    made_[view.oid] = create_table_view(spi_, plan_, view);
    notice(fmt::format("view \"{}\".\"{}\" is published as a view of itself", plan_.base_name,
                       view.name),
           fmt::format("Its query cannot be carried over to the version's views: {}.", obstacle),
           "DDL that changes or drops this view meets the version as DDL on a table does.");
  }

  // Returns the version view of `table` that runs with the rights of `owner`.
  Oid twin_of(const BaseRelation& table, Oid owner) {
    const auto key = std::make_pair(table.oid, owner);
    const auto found = twins_.find(key);
    if (found != twins_.end()) return found->second;
    const std::string id =
        *spi_.query("SELECT pg_catalog.nextval('strata.published_relation_relation_id_seq')")
             .at(0)
             .at(0);
    const std::string name = "twin_" + id;
    std::string columns;
    for (const BaseColumn& column : table.columns)
      columns += fmt::format("{}{}", columns.empty() ? "" : ", ", pg::quote(column.name));
    spi_.run(fmt::format("CREATE VIEW strata_inverse.{} AS SELECT {} FROM {}.{}", name, columns,
                         pg::quote(plan_.base_name), pg::quote(table.name)));
    const Oid twin = pg::relation_oid(pg::schema_oid("strata_inverse"), name);
    copy_defaults(twin, table);
    if (table.kind != RELKIND_MATVIEW) add_fallback(spi_, "strata_inverse", name);
    drop_default_grants_of(spi_, "strata_inverse", name);
    spi_.run(fmt::format("ALTER VIEW strata_inverse.{} OWNER TO {}", name,
                         pg::quote(pg::role_name(owner))));
    spi_.run(
        "INSERT INTO strata.published_relation (relation_id, version_id, name, kind, view, base) "
        "OVERRIDING SYSTEM VALUE VALUES ($1::bigint, $2, $3, 'twin', $4, $5)",
        {pg::SqlArg::text(id), pg::SqlArg::int8(version_id_), pg::SqlArg::name(table.name),
         pg::SqlArg::oid(twin), pg::SqlArg::oid(table.oid)});
    twins_[key] = twin;
    return twin;
  }

  pg::Spi& spi_;
  const VersionPlan& plan_;
  int64_t version_id_;
  std::map<Oid, Oid>& made_;
  std::set<Oid>& copied_;
  std::map<Oid, const BaseRelation*> by_oid_;
  std::map<std::pair<Oid, Oid>, Oid> twins_;
};

}  // namespace

void create_view_copies(pg::Spi& spi, const VersionPlan& plan, int64_t version_id,
                        std::map<Oid, Oid>& made, std::set<Oid>& copied) {
  Copier copier(spi, plan, version_id, made, copied);
  for (const BaseRelation& relation : plan.relations)
    if (relation.is_view()) copier.publish(relation);
}

}  // namespace strata::version
