// Owns: finding and mending broken versions (see health.hpp).
#include "version/health.hpp"

#include "catalog/relations.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_tree.hpp"
#include "version/orphans.hpp"
#include "version/plan.hpp"

namespace strata::version {
namespace {

using Kind = Problem::Kind;

// A row of the registry, whether or not what it names still exists.
struct Registered {
  int64_t relation_id;
  std::string name;
  std::string kind;
  Oid view;      // InvalidOid: gone
  Oid base;      // InvalidOid: gone or none
  bool invoker;  // the view has security_invoker
};

std::vector<Registered> registered(pg::Spi& spi, int64_t version_id) {
  std::vector<Registered> out;
  for (const pg::SqlRow& row :
       spi.query("SELECT r.relation_id, r.name, r.kind, v.oid, b.oid, "
                 "       COALESCE('security_invoker=true' = ANY (v.reloptions), false) "
                 "FROM strata.published_relation AS r "
                 "LEFT JOIN pg_catalog.pg_class AS v ON v.oid = r.view AND v.relkind = 'v' "
                 "LEFT JOIN pg_catalog.pg_class AS b ON b.oid = r.base "
                 "WHERE r.version_id = $1 ORDER BY r.name",
                 {pg::SqlArg::int8(version_id)}))
    out.push_back({std::stoll(*row[0]), *row[1], *row[2], pg::to_oid(row[3]), pg::to_oid(row[4]),
                   *row[5] == "t"});
  return out;
}

// Returns how the view's columns differ from the contract; empty when they do not.
std::string column_difference(pg::Spi& spi, const Registered& relation) {
  const auto rows = spi.query(
      "SELECT COALESCE(c.column_name, a.attname) "
      "FROM (SELECT * FROM strata.contract_column WHERE relation_id = $1) AS c "
      "FULL JOIN (SELECT * FROM pg_catalog.pg_attribute WHERE attrelid = $2 AND attnum > 0 AND NOT "
      "attisdropped) AS a "
      "  ON a.attnum = c.position "
      "WHERE c.column_name IS DISTINCT FROM a.attname OR c.type::pg_catalog.oid IS DISTINCT FROM "
      "a.atttypid "
      "   OR c.typmod IS DISTINCT FROM a.atttypmod ORDER BY 1 LIMIT 1",
      {pg::SqlArg::int8(relation.relation_id), pg::SqlArg::oid(relation.view)});
  if (rows.empty() || relation.kind == "twin") return {};
  return rows.at(0).at(0).value();
}

// Returns the error of reading the view, or an empty string. As the view's owner and not as ours:
// planning may run functions of the mapping's author.
std::string read_error(Oid view) {
  try {
    pg::Subtransaction attempt;
    const pg::ActAs author(pg::relation_owner(view), pg::ActAs::Restricted{});
    pg::Spi spi;
    spi.query(fmt::format("SELECT * FROM {} LIMIT 0", pg::relation_display(view)));
  } catch (const Error& error) {
    return error.message();
  }
  return {};
}

class Examination {
 public:
  Examination(pg::Spi& spi, const catalog::Version& version, Oid base, bool invoker)
      : spi_(spi), version_(version), base_(base), invoker_(invoker) {}

  std::vector<Problem> run() {
    if (!OidIsValid(version_.schema_oid))
      report(Kind::kSchemaGone, {}, fmt::format("schema \"{}\" does not exist", version_.schema),
             "SELECT * FROM strata.repair();");
    for (const Registered& relation : registered(spi_, version_.id))
      examine(relation);
    return std::move(found_);
  }

 private:
  void examine(const Registered& relation) {
    if (!OidIsValid(relation.view))
      return report(Kind::kViewGone, relation, "the version view does not exist",
                    "SELECT * FROM strata.repair();");
    const std::string column = column_difference(spi_, relation);
    if (!column.empty())
      return report(Kind::kColumns, relation,
                    fmt::format("column \"{}\" differs from the contract", column),
                    "Retire the version and publish it again.");
    const bool reads_base =
        relation.kind == "table" || relation.kind == "partition" || relation.kind == "twin";
    if (invoker_ && !relation.invoker && (relation.kind == "table" || relation.kind == "partition"))
      report(Kind::kOption, relation, "the view no longer has security_invoker",
             "SELECT * FROM strata.repair();");
    if (reads_base && !OidIsValid(relation.base)) {
      // A partition goes with its data.
      if (relation.kind == "table")
        report(Kind::kBaseGone, relation, "its base relation is gone: it reads no rows",
               "Create the relation again, or retire the version.");
      return;
    }
    const std::string error = read_error(relation.view);
    if (!error.empty())
      return report(Kind::kUnreadable, relation, fmt::format("it cannot be read: {}", error),
                    "SELECT * FROM strata.repair();");
    if (reads_base && relation.kind != "twin") report_lost_columns(relation);
  }

  void report_lost_columns(const Registered& relation) {
    const auto contract = catalog::contract(relation.relation_id);
    if (!contract.empty() && pg::view_columns(relation.view, relation.base).empty())
      return report(Kind::kUnreadable, relation, "it no longer reads its base relation",
                    "SELECT * FROM strata.repair();");
    for (const catalog::ContractColumn& column : contract)
      if (column.lost)
        report(Kind::kLostColumn, relation,
               fmt::format("column \"{}\" shows a constant: its base column is gone", column.name),
               "Retire the version when its clients are gone.");
  }

  void report(Kind kind, const Registered& relation, const std::string& problem,
              const std::string& hint) {
    found_.push_back({kind, base_, version_.version, version_.id, relation.relation_id,
                      relation.name, problem, hint});
  }

  pg::Spi& spi_;
  const catalog::Version& version_;
  Oid base_;
  bool invoker_;
  std::vector<Problem> found_;
};

bool is_invoker(pg::Spi& spi, int64_t version_id) {
  return *spi.query(
                 "SELECT security = 'invoker' FROM strata.published_version WHERE version_id = $1",
                 {pg::SqlArg::int8(version_id)})
              .at(0)
              .at(0) == "t";
}

// Makes a view of the contract's shape in the version's schema and registers it.
Oid make_placeholder(pg::Spi& spi, const Problem& problem, const catalog::Version& version) {
  std::string columns;
  for (const catalog::ContractColumn& column : catalog::contract(problem.relation_id))
    columns += fmt::format("{}NULL::{} AS {}", columns.empty() ? "" : ", ",
                           pg::type_display(column.type, column.typmod), pg::quote(column.name));
  spi.run(fmt::format("CREATE VIEW {}.{} {} AS SELECT {} WHERE false", pg::quote(version.schema),
                      pg::quote(problem.relation),
                      is_invoker(spi, version.id) ? "WITH (security_invoker = true)" : "",
                      columns));
  const Oid view = pg::relation_oid(pg::schema_oid(version.schema), problem.relation);
  spi.run("UPDATE strata.published_relation SET view = $2 WHERE relation_id = $1",
          {pg::SqlArg::int8(problem.relation_id), pg::SqlArg::oid(view)});
  return view;
}

bool remake_view(pg::Spi& spi, const Problem& problem) {
  const catalog::Version version = *catalog::registry().version(problem.version_id);
  for (const BaseRelation& relation : base_relations(spi, problem.base)) {
    if (relation.name != problem.relation) continue;
    const Oid view = make_placeholder(spi, problem, version);
    const catalog::VersionView* registered = catalog::registry().view(view);
    if (registered == nullptr || registered->kind == catalog::Kind::kView ||
        registered->kind == catalog::Kind::kTwin)
      throw Error(sqlstate::kMappingUnresolved,
                  "a copied view cannot be made again from its contract");
    rebuild(catalog::VersionView(*registered), relation.oid);
    VersionPlan plan;
    plan.base = problem.base;
    plan.base_name = version.base;
    plan.schema = version.schema;
    plan.relations = {relation};
    copy_properties(spi, plan, relation);
    return true;
  }
  return false;
}

bool mend_registered(const Problem& problem) {
  for (const auto& [oid, view] : catalog::registry().views()) {
    if (view.relation_id != problem.relation_id) continue;
    const Oid base = OidIsValid(view.base) ? view.base : pg::relation_oid(problem.base, view.name);
    if (!OidIsValid(base)) return false;
    rebuild(catalog::VersionView(view), base);
    return true;
  }
  return false;
}

}  // namespace

std::vector<Problem> problems(Oid base) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  pg::Spi spi;
  std::vector<Problem> out;
  const std::map<int64_t, catalog::Version> versions = catalog::registry().versions();
  for (const auto& [id, version] : versions) {
    const catalog::BaseSchema* tracked = catalog::registry().base_schema(version.base);
    const Oid schema = tracked ? tracked->oid : InvalidOid;
    if (OidIsValid(base) && schema != base) continue;
    for (Problem& problem : Examination(spi, version, schema, is_invoker(spi, id)).run())
      out.push_back(std::move(problem));
  }
  return out;
}

bool mend(const Problem& problem) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::InternalDdl internal;
  pg::Spi spi;
  switch (problem.kind) {
    case Kind::kSchemaGone:
      spi.run(fmt::format("CREATE SCHEMA {}",
                          pg::quote(catalog::registry().version(problem.version_id)->schema)));
      return true;
    case Kind::kViewGone:
      return remake_view(spi, problem);
    case Kind::kOption:
      spi.run(fmt::format("ALTER VIEW {}.{} SET (security_invoker = true)",
                          pg::quote(catalog::registry().version(problem.version_id)->schema),
                          pg::quote(problem.relation)));
      return true;
    case Kind::kBaseGone:
    case Kind::kUnreadable:
      return mend_registered(problem);
    default:
      return false;
  }
}

}  // namespace strata::version
