// Owns: mending what verify finds, as far as contract and base say how (see health.hpp).
#include "catalog/relations.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_copy.hpp"
#include "pg/view_default.hpp"
#include "rollout/gate_copy.hpp"
#include "version/health.hpp"
#include "version/orphans.hpp"
#include "version/plan.hpp"

namespace strata::version {
namespace {

using Kind = Problem::Kind;

catalog::Version version_of(const Problem& problem) {
  return *catalog::registry().version(problem.version_id);
}

std::string view_name(const Problem& problem) {
  return pg::quote(version_of(problem).schema) + "." + pg::quote(problem.relation);
}

VersionPlan plan_of(pg::Spi& spi, const Problem& problem) {
  const catalog::Version version = version_of(problem);
  VersionPlan plan;
  plan.base = problem.base;
  plan.base_name = version.base;
  plan.version = version.version;
  plan.schema = version.schema;
  plan.invoker = runs_as_caller(spi, version.id);
  return plan;
}

bool remake_schema(pg::Spi& spi, const Problem& problem) {
  if (!OidIsValid(problem.base)) return false;
  const VersionPlan plan = plan_of(spi, problem);
  make_version_schema(spi, plan);
  drop_default_grants(spi, plan);
  copy_schema_properties(
      spi, plan,
      spi.query("SELECT description FROM strata.published_version WHERE version_id = $1",
                {pg::SqlArg::int8(problem.version_id)})
          .at(0)
          .at(0));
  return true;
}

// Returns the relation that has the name of a lost one, if it may take its place.
Oid successor(const Problem& problem, const std::string& name, Oid view) {
  const catalog::BaseSchema* base = catalog::registry().base_schema(problem.base);
  const Oid taker = base ? pg::relation_oid(problem.base, name) : InvalidOid;
  return OidIsValid(taker) && may_take_place(*base, view, taker) ? taker : InvalidOid;
}

// Returns the relation the lost view read: the registered one under whatever name it has now, or
// the one that has the contract's name.
std::optional<BaseRelation> base_of(pg::Spi& spi, const Problem& problem) {
  const Oid registered = pg::to_oid(
      spi.query("SELECT base::pg_catalog.oid FROM strata.published_relation WHERE relation_id = $1",
                {pg::SqlArg::int8(problem.relation_id)})
          .at(0)
          .at(0));
  if (auto found = base_relation(spi, registered)) return found;
  return base_relation(spi, successor(problem, problem.relation, InvalidOid));
}

// Gives the relation's columns the names and defaults of the contract. A default that can no longer
// be set (what it calls is renamed) is left to the base's of now.
void take_contract(pg::Spi& spi, const Problem& problem, Oid view, BaseRelation& relation) {
  std::vector<BaseColumn> columns;
  for (const pg::SqlRow& row : spi.query(
           "SELECT c.column_name, COALESCE(b.column_name, c.column_name), c.column_default "
           "FROM strata.contract_column AS c "
           "LEFT JOIN strata.base_column AS b ON b.relation = $2 AND b.column_id = c.column_id "
           "WHERE c.relation_id = $1 ORDER BY c.position",
           {pg::SqlArg::int8(problem.relation_id), pg::SqlArg::oid(relation.oid)})) {
    BaseColumn column{*row[0], *row[1], false, "", ""};
    for (const BaseColumn& now : relation.columns)
      if (now.base_name == column.base_name) {
        column.has_default = now.has_default;
        column.comment = now.comment;
      }
    if (row[2]) {
      try {
        const pg::Subtransaction attempt;
        pg::set_default(view, pg::attribute_number(view, column.name), *row[2], relation.owner);
        column.contract_default = *row[2];
      } catch (const Error& error) {
        if (error.is_cancel()) throw;
        notice(
            fmt::format("default {} of column \"{}\" cannot be set any more", *row[2], column.name),
            "The column gets the default of its base column.");
      }
    }
    columns.push_back(std::move(column));
  }
  relation.columns = std::move(columns);
  relation.name = problem.relation;
}

void register_view(pg::Spi& spi, const Problem& problem, Oid view) {
  spi.run(
      "UPDATE strata.published_relation AS r SET view = $2, "
      "inverse = (SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.oid = r.inverse) "
      "WHERE relation_id = $1",
      {pg::SqlArg::int8(problem.relation_id), pg::SqlArg::oid(view)});
}

// Makes a view of the contract's shape in the version's schema and registers it.
Oid make_placeholder(pg::Spi& spi, const Problem& problem, const VersionPlan& plan) {
  std::string columns;
  for (const catalog::ContractColumn& column : catalog::contract(problem.relation_id))
    columns += fmt::format("{}NULL::{} AS {}", columns.empty() ? "" : ", ",
                           pg::type_display(column.type, column.typmod), pg::quote(column.name));
  spi.run(fmt::format("CREATE VIEW {} {} AS SELECT {} WHERE false", view_name(problem),
                      plan.invoker ? "WITH (security_invoker = true)" : "", columns));
  add_fallback(spi, plan.schema, problem.relation);
  const Oid view = pg::relation_oid(pg::schema_oid(plan.schema), problem.relation);
  register_view(spi, problem, view);
  return view;
}

// Returns true when `view` is a view that reads `base`.
bool reads(Oid view, Oid base) {
  if (!OidIsValid(view) || pg::relation_kind(view) != RELKIND_VIEW) return false;
  const auto read = pg::relations_read(view);
  return std::find(read.begin(), read.end(), base) != read.end();
}

bool remake_view(pg::Spi& spi, const Problem& problem) {
  const auto rows = spi.query("SELECT kind FROM strata.published_relation WHERE relation_id = $1",
                              {pg::SqlArg::int8(problem.relation_id)});
  if (*rows.at(0).at(0) == "view") return false;
  std::optional<BaseRelation> base = base_of(spi, problem);
  if (!base) return false;
  const VersionPlan plan = plan_of(spi, problem);
  const Oid present = pg::relation_oid(pg::schema_oid(plan.schema), problem.relation);
  if (reads(present, base->oid)) {
    // Only the registry lost it; whether it keeps the contract is the next verify's question.
    register_view(spi, problem, present);
    return true;
  }
  const Oid view = make_placeholder(spi, problem, plan);
  // At once: its defaults are read with its owner's rights.
  spi.run(fmt::format("ALTER VIEW {} OWNER TO {}", view_name(problem),
                      pg::quote(pg::role_name(base->owner))));
  rebuild(catalog::VersionView(*catalog::registry().view(view)), base->oid);
  drop_default_grants_of(spi, plan.schema, problem.relation);
  take_contract(spi, problem, view, *base);
  copy_properties(spi, plan, *base);
  return true;
}

// Gives columns that were renamed by hand their names back; by way of names that are free, because
// two of them may have changed places.
bool rename_columns(pg::Spi& spi, const Problem& problem) {
  const auto rows = spi.query(
      "SELECT a.attname, c.column_name, c.position FROM strata.contract_column AS c "
      "JOIN strata.published_relation AS r ON r.relation_id = c.relation_id "
      "JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.view AND a.attnum = c.position "
      "WHERE c.relation_id = $1 AND a.attname <> c.column_name ORDER BY c.position",
      {pg::SqlArg::int8(problem.relation_id)});
  const std::string view = view_name(problem);
  for (const pg::SqlRow& row : rows)
    spi.run(fmt::format("ALTER VIEW {} RENAME COLUMN {} TO strata_column_{}", view,
                        pg::quote(*row[0]), *row[2]));
  for (const pg::SqlRow& row : rows)
    spi.run(fmt::format("ALTER VIEW {} RENAME COLUMN strata_column_{} TO {}", view, *row[2],
                        pg::quote(*row[1])));
  return !rows.empty();
}

// Gives the view a name that nobody uses.
void take_name_away(pg::Spi& spi, const catalog::VersionView& view) {
  const std::string passage = fmt::format("strata_view_{}", view.relation_id);
  if (pg::relation_name(view.view) != passage)
    spi.run(fmt::format("ALTER VIEW {} RENAME TO {}", pg::relation_display(view.view), passage));
}

// Puts a view that was renamed or moved by hand back into its place. A view of the version that is
// there instead makes way; its own turn comes.
bool bring_back(pg::Spi& spi, const Problem& problem) {
  const catalog::VersionView* view = catalog::registry().view_with_id(problem.relation_id);
  if (view == nullptr) return false;
  const Oid schema = pg::schema_oid(version_of(problem).schema);
  const catalog::VersionView* instead =
      catalog::registry().view(pg::relation_oid(schema, problem.relation));
  if (instead != nullptr) take_name_away(spi, *instead);
  take_name_away(spi, *view);
  if (pg::relation_schema(view->view) != schema)
    spi.run(fmt::format("ALTER VIEW {} SET SCHEMA {}", pg::relation_display(view->view),
                        pg::quote(pg::schema_name(schema))));
  spi.run(fmt::format("ALTER VIEW {} RENAME TO {}", pg::relation_display(view->view),
                      pg::quote(problem.relation)));
  return true;
}

bool restore_fallback(pg::Spi& spi, const Problem& problem) {
  const catalog::VersionView* view = catalog::registry().view_with_id(problem.relation_id);
  if (view == nullptr) return false;
  const std::string schema = pg::schema_name(pg::relation_schema(view->view));
  const std::string name = pg::relation_name(view->view);
  spi.run(fmt::format("DROP TRIGGER IF EXISTS strata_write ON {}.{}", pg::quote(schema),
                      pg::quote(name)));
  add_fallback(spi, schema, name);
  return true;
}

// Registers what the view really reads, where that is one relation.
bool register_base(const Problem& problem) {
  const catalog::VersionView* view = catalog::registry().view_with_id(problem.relation_id);
  if (view == nullptr) return false;
  const auto read = pg::relations_read(view->view);
  if (read.size() != 1) return false;
  catalog::set_base(problem.relation_id, read.front());
  return true;
}

bool rebuild_registered(const Problem& problem) {
  const catalog::VersionView* found = catalog::registry().view_with_id(problem.relation_id);
  if (found == nullptr || found->kind == catalog::Kind::kView) return false;
  const catalog::VersionView view = *found;
  const bool there = OidIsValid(view.base) && pg::relation_kind(view.base) != '\0';
  const Oid base = there ? view.base : successor(problem, view.name, shown_by(view));
  if (!OidIsValid(base)) return false;
  rebuild(view, base);
  return true;
}

}  // namespace

bool mend(const Problem& problem) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::InternalDdl internal;
  pg::Spi spi;
  switch (problem.kind) {
    case Kind::kSchemaGone:
      return remake_schema(spi, problem);
    case Kind::kViewGone:
      return remake_view(spi, problem);
    case Kind::kElsewhere:
      return bring_back(spi, problem);
    case Kind::kColumnNames:
      return rename_columns(spi, problem);
    case Kind::kOption:
      spi.run(fmt::format("ALTER VIEW {} {}", view_name(problem),
                          runs_as_caller(spi, problem.version_id) ? "SET (security_invoker = true)"
                                                                  : "RESET (security_invoker)"));
      return true;
    case Kind::kFallbackGone:
      return restore_fallback(spi, problem);
    case Kind::kWrongBase:
      return register_base(problem);
    case Kind::kBaseGone:
    case Kind::kUnreadable:
      return rebuild_registered(problem);
    case Kind::kGateCopy:
      rollout::renew_copy();
      return true;
    default:
      return false;
  }
}

}  // namespace strata::version
