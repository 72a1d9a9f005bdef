// strata.publish: freezes today's shape of a base schema as a schema of views.
//
// One transaction, the caller's. Takes ACCESS SHARE on each base relation (as reading does) and a
// lock on the schema object that only other publishes meet, so readers and writers never wait for
// it.
#include "catalog/base_columns.hpp"
#include "catalog/registry.hpp"
#include "model/version_name.hpp"
#include "pg/function.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "provenance/call.hpp"
#include "version/plan.hpp"
#include "version/rights.hpp"
#include "version/version_lock.hpp"

namespace strata::version {
namespace {

std::string schema_for(const pg::Arguments& args, const std::string& base,
                       const std::string& version) {
  if (!args.is_null(2)) {
    std::string chosen = args.name(2);
    if (chosen.empty())
      throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "a version schema needs a name", "",
                  "Leave schema out for a name made of base and version.");
    require_name_for_path(chosen);
    return chosen;
  }
  std::string name = model::version_schema_name(base, version);
  if (name.size() > model::kIdentifierBytes)
    throw Error(ERRCODE_NAME_TOO_LONG, fmt::format("schema name \"{}\" is too long", name),
                fmt::format("It has {} bytes; an identifier has at most {}.", name.size(),
                            model::kIdentifierBytes),
                "Choose one: strata.publish(..., schema => 'shorter_name').");
  return name;
}

// Raises unless version and schema name are free.
void require_free(const VersionPlan& plan) {
  for (const auto& [id, version] : catalog::registry().versions())
    if (version.base == plan.base_name && version.version == plan.version)
      throw Error(ERRCODE_DUPLICATE_OBJECT,
                  fmt::format("version \"{}\" of schema \"{}\" is already published", plan.version,
                              plan.base_name),
                  fmt::format("It lives in schema \"{}\".", version.schema),
                  "Choose another version name, or retire that version with strata.retire().");
  const Oid taken = pg::schema_oid(plan.schema);
  if (!OidIsValid(taken)) return;
  const catalog::Version* other = catalog::registry().version_of_schema(taken);
  throw Error(
      ERRCODE_DUPLICATE_SCHEMA, fmt::format("schema \"{}\" already exists", plan.schema),
      other ? fmt::format(
                  "It holds version \"{}\" of schema \"{}\"; different version names may fold "
                  "to the same schema name.",
                  other->version, other->base)
            : "It is not a version schema.",
      "Choose one: strata.publish(..., schema => 'other_name').");
}

// Raises when row security would not hold for the callers of an owner's-rights version.
void require_no_row_security(const VersionPlan& plan) {
  if (plan.invoker) return;
  for (const BaseRelation& relation : plan.relations)
    if (relation.row_security)
      throw Error(
          ERRCODE_FEATURE_NOT_SUPPORTED,
          fmt::format("table \"{}\".\"{}\" has row security", plan.base_name, relation.name),
          "With security => 'owner' its policies would apply to the owner and not to the caller.",
          "Publish with security => 'invoker', and grant the callers what they need on the base.");
}

int64_t register_version(pg::Spi& spi, const VersionPlan& plan,
                         const std::optional<std::string>& description) {
  const auto rows = spi.query(
      "INSERT INTO strata.published_version (base, version, schema, security, description) "
      "VALUES ($1, $2, $3, $4, $5) RETURNING version_id",
      {pg::SqlArg::name(plan.base_name), pg::SqlArg::text(plan.version),
       pg::SqlArg::name(plan.schema), pg::SqlArg::text(plan.invoker ? "invoker" : "owner"),
       pg::SqlArg::text_or_null(description)});
  return std::stoll(*rows.at(0).at(0));
}

// Registers the version views of the plan. A copied view has no base of its own.
void register_relations(pg::Spi& spi, const VersionPlan& plan, int64_t version_id,
                        const std::map<Oid, Oid>& made, const std::set<Oid>& copied) {
  std::string values;
  for (const BaseRelation& relation : plan.relations) {
    const auto view = made.find(relation.oid);
    if (view == made.end()) continue;
    const bool copy = copied.count(relation.oid) > 0;
    values += fmt::format(
        "{}({}, {}, {}, {}::pg_catalog.oid, {})", values.empty() ? "" : ", ", version_id,
        pg::quote_literal(relation.name),
        copy                 ? "'view'"
        : relation.partition ? "'partition'"
                             : "'table'",
        view->second,
        copy ? "NULL::pg_catalog.oid" : fmt::format("{}::pg_catalog.oid", relation.oid));
  }
  if (!values.empty())
    spi.run("INSERT INTO strata.published_relation (version_id, name, kind, view, base) VALUES " +
            values);
}

// Freezes the contract: what each view shows now, and which base column it came from.
void register_contract(pg::Spi& spi, int64_t version_id) {
  // While no version lives nobody watches columns go.
  catalog::forget_dropped_columns(InvalidOid);
  spi.run(
      "INSERT INTO strata.base_column (relation, column_id, column_name) "
      "SELECT a.attrelid, pg_catalog.row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) "
      "+ "
      "       (SELECT COALESCE(pg_catalog.max(b.column_id), 0) FROM strata.base_column AS b "
      "        WHERE b.relation = a.attrelid), a.attname "
      "FROM pg_catalog.pg_attribute AS a "
      "WHERE a.attrelid IN (SELECT r.base FROM strata.published_relation AS r WHERE r.version_id = "
      "$1) "
      "  AND a.attnum > 0 AND NOT a.attisdropped "
      "  AND NOT EXISTS (SELECT FROM strata.base_column AS b WHERE b.relation = a.attrelid AND "
      "b.column_name = a.attname)",
      {pg::SqlArg::int8(version_id)});
  spi.run(
      "INSERT INTO strata.contract_column (relation_id, position, column_name, type, typmod, "
      "type_name, not_null, "
      "                                    column_default, omissible, column_id) "
      "SELECT r.relation_id, v.attnum, v.attname, v.atttypid, v.atttypmod, "
      "       pg_catalog.format_type(v.atttypid, v.atttypmod), COALESCE(a.attnotnull, false), "
      "       COALESCE(pg_catalog.pg_get_expr(vd.adbin, vd.adrelid), "
      "pg_catalog.pg_get_expr(d.adbin, d.adrelid)), "
      "       COALESCE(a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL "
      "         OR NOT a.attnotnull AND NOT CASE WHEN t.typtype = 'd' THEN ("
      "           WITH RECURSIVE d AS (SELECT x.typtype, x.typnotnull, x.typbasetype "
      "             FROM pg_catalog.pg_type AS x WHERE x.oid = t.oid "
      "             UNION ALL SELECT x.typtype, x.typnotnull, x.typbasetype FROM d "
      "             JOIN pg_catalog.pg_type AS x ON x.oid = d.typbasetype WHERE d.typtype = 'd') "
      "           SELECT pg_catalog.bool_or(d.typnotnull AND d.typtype = 'd') FROM d) "
      "           ELSE false END, true), "
      "       b.column_id "
      "FROM strata.published_relation AS r "
      "JOIN pg_catalog.pg_attribute AS v ON v.attrelid = r.view AND v.attnum > 0 AND NOT "
      "v.attisdropped "
      "LEFT JOIN pg_catalog.pg_attrdef AS vd ON vd.adrelid = v.attrelid AND vd.adnum = v.attnum "
      "LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.base AND a.attname = v.attname AND "
      "a.attnum > 0 AND NOT a.attisdropped "
      "LEFT JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid "
      "LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND "
      "a.attgenerated = '' "
      "LEFT JOIN strata.base_column AS b ON b.relation = r.base AND b.column_name = v.attname "
      "WHERE r.version_id = $1",
      {pg::SqlArg::int8(version_id)});
}

void make_version(pg::Spi& spi, const VersionPlan& plan,
                  const std::optional<std::string>& description) {
  const int64_t version_id = register_version(spi, plan, description);
  make_version_schema(spi, plan);
  std::map<Oid, Oid> made;
  std::set<Oid> copied;
  for (const BaseRelation& relation : plan.relations)
    if (!relation.is_view()) made[relation.oid] = create_table_view(spi, plan, relation);
  create_view_copies(spi, plan, version_id, made, copied);
  drop_default_grants(spi, plan);
  copy_schema_properties(spi, plan, description);
  for (const BaseRelation& relation : plan.relations)
    copy_properties(spi, plan, relation);
  register_relations(spi, plan, version_id, made, copied);
  register_contract(spi, version_id);
}

}  // namespace

STRATA_CHANGE(publish) {
  args.require(0, "base");
  args.require(1, "version");
  args.require(4, "security");
  VersionPlan plan;
  plan.base = args.oid(0);
  plan.version = args.text(1);
  const std::string security = args.text(4);
  if (plan.version.empty()) throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "a version needs a name");
  if (security != "invoker" && security != "owner")
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE, fmt::format("unknown security \"{}\"", security),
                "security is invoker or owner.");
  plan.invoker = security == "invoker";
  require_owner_of(plan.base);
  require_name_for_path(require_tracked(plan.base).name);
  require_create_schema();
  const VersionLock lock(plan.base);
  plan.base_name = require_tracked(plan.base).name;
  plan.schema = schema_for(args, plan.base_name, plan.version);
  require_free(plan);

  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::InternalDdl internal;
  pg::Spi spi;
  plan.relations = base_relations(spi, plan.base);
  require_no_row_security(plan);
  make_version(spi, plan, args.optional_text(3));
  return ObjectIdGetDatum(pg::schema_oid(plan.schema));
}

}  // namespace strata::version
