// Owns: finding broken versions (see health.hpp).
#include "version/health.hpp"

#include "catalog/relations.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/view_copy.hpp"
#include "rewrite/mapping_build.hpp"
#include "rollout/gate_copy.hpp"

namespace strata::version {
namespace {

using Kind = Problem::Kind;

constexpr const char* kRepair = "SELECT * FROM strata.repair();";
constexpr const char* kPublishAgain = "Retire the version and publish it again.";

// A row of the registry, whether or not what it names still exists.
struct Registered {
  int64_t relation_id;
  std::string name;
  std::string kind;
  Oid view;                // InvalidOid: gone
  Oid base;                // InvalidOid: gone or none
  bool invoker;            // the view has security_invoker
  bool row_security;       // the base has it
  std::string difference;  // the first column that differs from the contract; empty: none does
  bool only_names_differ;
  bool inverse_gone;
  bool fallback_gone;
  bool elsewhere;    // the view has another name, or is in another schema
  bool has_mapping;  // writes need more than casts: an inverse view, or fills

  bool reads_base() const { return kind != "view"; }
  bool shown() const { return kind == "table" || kind == "partition"; }
};

// One row per relation of a version; d is how the columns of its view differ from the contract.
constexpr const char* kRegistered = R"(
SELECT r.relation_id, r.name, r.kind, v.oid, b.oid,
       COALESCE((SELECT o.option_value::pg_catalog.bool FROM pg_catalog.pg_options_to_table(v.reloptions) AS o
                 WHERE o.option_name = 'security_invoker'), false),
       COALESCE(b.relrowsecurity, false), d.first, COALESCE(d.only_names, false),
       r.inverse IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS i WHERE i.oid = r.inverse),
       b.relkind <> 'm' AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                                        WHERE t.tgrelid = v.oid AND t.tgname = 'strata_write'
                                          AND t.tgenabled IN ('O', 'A')),
       (v.relname, v.relnamespace) IS DISTINCT FROM (r.name, $2),
       r.inverse IS NOT NULL OR EXISTS (SELECT FROM strata.column_fill AS f WHERE f.relation = r.base)
FROM strata.published_relation AS r
LEFT JOIN pg_catalog.pg_class AS v ON v.oid = r.view AND v.relkind = 'v'
LEFT JOIN pg_catalog.pg_class AS b ON b.oid = r.base
LEFT JOIN LATERAL (
  SELECT pg_catalog.min(COALESCE(c.column_name, a.attname)::pg_catalog.text) AS first,
         pg_catalog.bool_and(c.type::pg_catalog.oid IS NOT DISTINCT FROM a.atttypid
                             AND c.typmod IS NOT DISTINCT FROM a.atttypmod) AS only_names
  FROM (SELECT * FROM strata.contract_column AS k WHERE k.relation_id = r.relation_id) AS c
  FULL JOIN (SELECT * FROM pg_catalog.pg_attribute AS t
             WHERE t.attrelid = v.oid AND t.attnum > 0 AND NOT t.attisdropped) AS a ON a.attnum = c.position
  WHERE c.column_name IS DISTINCT FROM a.attname OR c.type::pg_catalog.oid IS DISTINCT FROM a.atttypid
     OR c.typmod IS DISTINCT FROM a.atttypmod) AS d ON true
WHERE r.version_id = $1 ORDER BY r.name, r.relation_id)";

std::vector<Registered> registered(pg::Spi& spi, int64_t version_id, Oid schema) {
  std::vector<Registered> out;
  for (const pg::SqlRow& row :
       spi.query(kRegistered, {pg::SqlArg::int8(version_id), pg::SqlArg::oid(schema)}))
    out.push_back({std::stoll(*row[0]), *row[1], *row[2], pg::to_oid(row[3]), pg::to_oid(row[4]),
                   *row[5] == "t", *row[6] == "t", row[7].value_or(""), *row[8] == "t",
                   *row[9] == "t", row[10].value_or("f") == "t", *row[11] == "t", *row[12] == "t"});
  return out;
}

// Relations in a version's schema that the registry does not know.
constexpr const char* kStrangers = R"(
SELECT c.relname FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
  AND NOT EXISTS (SELECT FROM strata.published_relation AS r WHERE r.view = c.oid)
ORDER BY c.relname)";

class Examination {
 public:
  Examination(pg::Spi& spi, const catalog::Version& version, Oid base, bool invoker)
      : spi_(spi), version_(version), base_(base), invoker_(invoker) {}

  std::vector<Problem> run() {
    if (!OidIsValid(version_.schema_oid))
      report(Kind::kSchemaGone, {}, fmt::format("schema \"{}\" does not exist", version_.schema),
             kRepair);
    const auto relations = registered(spi_, version_.id, version_.schema_oid);
    for (const Registered& relation : relations)
      if (relation.shown() && !OidIsValid(relation.base)) lost_.insert(relation.name);
    for (const Registered& relation : relations)
      examine(relation);
    for (const pg::SqlRow& row : spi_.query(kStrangers, {pg::SqlArg::oid(version_.schema_oid)})) {
      Registered stranger{};
      stranger.name = *row[0];
      report(Kind::kStranger, stranger, "it is in the version's schema but not part of the version",
             "Drop it, or move it: ALTER ... SET SCHEMA.");
    }
    return std::move(found_);
  }

 private:
  void examine(const Registered& relation) {
    const bool twin = relation.kind == "twin";
    if (!OidIsValid(relation.view)) {
      // A twin goes only with the copied view that reads it, which is reported.
      if (!twin)
        report(Kind::kViewGone, relation, "the version view does not exist",
               relation.kind == "view" ? kPublishAgain : kRepair);
      return;
    }
    if (relation.elsewhere && !twin && OidIsValid(version_.schema_oid))
      return report(Kind::kElsewhere, relation,
                    fmt::format("the version view is now {}", pg::relation_display(relation.view)),
                    kRepair);
    if (!relation.difference.empty() && !twin)
      return report(relation.only_names_differ ? Kind::kColumnNames : Kind::kColumns, relation,
                    fmt::format("column \"{}\" differs from the contract", relation.difference),
                    relation.only_names_differ ? kRepair : kPublishAgain);
    if (relation.shown()) examine_rights(relation);
    if (relation.reads_base() && !OidIsValid(relation.base)) {
      const auto read = pg::relations_read(relation.view);
      if (!read.empty())
        return report(Kind::kWrongBase, relation,
                      fmt::format("it reads {}, which the registry does not say",
                                  pg::relation_display(read.front())),
                      kRepair);
      // A partition goes with its data.
      if (relation.kind == "table")
        report(Kind::kBaseGone, relation, "its base relation is gone: it reads no rows",
               "Create the relation again, or retire the version.");
      else if (twin && lost_.count(relation.name) == 0)
        report(Kind::kBaseGone, relation,
               "copies of views that read it with their owner's rights read no rows", kRepair);
      return;
    }
    if (relation.reads_base() && !reads(relation))
      return report(Kind::kWrongBase, relation,
                    fmt::format("it does not read {}, which the registry says it reads",
                                pg::relation_display(relation.base)),
                    kRepair);
    const std::string fault = pg::fault_of(relation.view);
    if (!fault.empty())
      return report(Kind::kUnreadable, relation, fmt::format("it cannot be read: {}", fault),
                    kRepair);
    if (relation.shown()) report_lost_columns(relation);
    if (relation.reads_base() && relation.fallback_gone)
      report(Kind::kFallbackGone, relation,
             "its trigger strata_write is gone: stored queries cannot write to it", kRepair);
    if (!relation.inverse_gone && relation.reads_base() && relation.has_mapping)
      report_unwritable(relation);
    if (relation.inverse_gone)
      report(Kind::kInverseGone, relation, "its inverse view is gone: writes lost their mapping",
             "Map the columns again with strata.replace_column(), or retire the version.");
  }

  void examine_rights(const Registered& relation) {
    if (invoker_ && !relation.invoker)
      report(Kind::kOption, relation, "the view no longer has security_invoker", kRepair);
    if (!invoker_ && relation.invoker)
      report(Kind::kOption, relation,
             "the view has security_invoker, but the version was published with security owner",
             kRepair);
    if (!invoker_ && relation.row_security)
      report(Kind::kRowSecurity, relation,
             "its base has row security, which does not hold for callers of this version",
             "Retire the version and publish with security => 'invoker'.");
  }

  static bool reads(const Registered& relation) {
    const auto read = pg::relations_read(relation.view);
    return std::find(read.begin(), read.end(), relation.base) != read.end();
  }

  // Makes the mapping as a session does that writes: outputs of the inverse view that the base does
  // not take, fills that do not parse any more.
  void report_unwritable(const Registered& relation) {
    const catalog::VersionView* found = catalog::registry().view_with_id(relation.relation_id);
    if (found == nullptr) return;
    const catalog::VersionView view = *found;
    try {
      pg::Subtransaction attempt;
      (void)rewrite::build_mapping(view);
      attempt.commit();
    } catch (const Error& error) {
      if (error.is_cancel()) throw;
      report(Kind::kUnwritable, relation,
             fmt::format("writes through it fail: {}{}{}", error.message(),
                         *error.detail() != '\0' ? ". " : "", error.detail()),
             "Say anew what is stored, with strata.replace_column() or strata.fill_column(), or "
             "retire the version.");
    }
  }

  void report_lost_columns(const Registered& relation) {
    for (const catalog::ContractColumn& column : catalog::contract(relation.relation_id))
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
  std::set<std::string> lost_;  // tables that the version's own views have lost
  std::vector<Problem> found_;
};

}  // namespace

bool runs_as_caller(pg::Spi& spi, int64_t version_id) {
  return *spi.query(
                 "SELECT security = 'invoker' FROM strata.published_version WHERE version_id = $1",
                 {pg::SqlArg::int8(version_id)})
              .at(0)
              .at(0) == "t";
}

std::vector<Problem> problems(Oid base) {
  pg::OwnerSpi spi;
  std::vector<Problem> out;
  const std::map<int64_t, catalog::Version> versions = catalog::registry().versions();
  for (const auto& [id, version] : versions) {
    const catalog::BaseSchema* tracked = catalog::registry().base_schema(version.base);
    const Oid schema = tracked ? tracked->oid : InvalidOid;
    if (OidIsValid(base) && schema != base) continue;
    for (Problem& problem : Examination(spi, version, schema, runs_as_caller(spi, id)).run())
      out.push_back(std::move(problem));
  }
  if (!OidIsValid(base) && !rollout::copy_is_good()) {
    Problem copy{};
    copy.kind = Problem::Kind::kGateCopy;
    copy.problem = "sessions that connect do not find the gates among the settings of the database";
    copy.hint =
        "SELECT * FROM strata.repair(); until then they read the tables, which takes longer.";
    out.push_back(std::move(copy));
  }
  return out;
}

}  // namespace strata::version
