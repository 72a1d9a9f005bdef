// Owns: copying owner, defaults, comments and grants from the base to a version (see plan.hpp).
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/view_default.hpp"
#include "version/plan.hpp"

namespace strata::version {
namespace {

std::string on(const VersionPlan& plan, const BaseRelation& relation) {
  return pg::quote(plan.schema) + "." + pg::quote(relation.name);
}

void copy_comments(pg::Spi& spi, const VersionPlan& plan, const BaseRelation& relation) {
  if (!relation.comment.empty())
    spi.run(fmt::format("COMMENT ON VIEW {} IS {}", on(plan, relation),
                        pg::quote_literal(relation.comment)));
  for (const BaseColumn& column : relation.columns)
    if (!column.comment.empty())
      spi.run(fmt::format("COMMENT ON COLUMN {}.{} IS {}", on(plan, relation),
                          pg::quote(column.name), pg::quote_literal(column.comment)));
}

// Privileges that mean something on a view; with 0 as attribute number the ones on the relation.
constexpr const char* kGrants = R"(
SELECT g.privilege_type, CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END,
       g.is_grantable, s.attname
FROM (SELECT c.relacl AS acl, NULL::pg_catalog.name AS attname, c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = $1
      UNION ALL
      SELECT a.attacl, a.attname, c.relowner FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
      WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped) AS s,
     LATERAL pg_catalog.aclexplode(s.acl) AS g
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = g.grantee
WHERE g.grantee <> s.relowner AND g.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))";

void copy_grants(pg::Spi& spi, const VersionPlan& plan, const BaseRelation& relation) {
  for (const pg::SqlRow& row : spi.query(kGrants, {pg::SqlArg::oid(relation.oid)})) {
    std::string columns;
    if (row[3]) {
      const auto shown =
          std::find_if(relation.columns.begin(), relation.columns.end(),
                       [&](const BaseColumn& column) { return column.base_name == *row[3]; });
      if (shown == relation.columns.end()) continue;
      columns = "(" + pg::quote(shown->name) + ")";
    }
    spi.run(fmt::format("GRANT {} {} ON {} TO {} {}", *row[0], columns, on(plan, relation), *row[1],
                        *row[2] == "t" ? "WITH GRANT OPTION" : ""));
  }
}

// What ALTER DEFAULT PRIVILEGES gave to others than the owner on the version schema or a view in
// it.
constexpr const char* kDefaultGrants = R"(
SELECT DISTINCT o.kind, o.name,
       CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END
FROM pg_catalog.pg_namespace AS n,
     LATERAL (SELECT 'SCHEMA' AS kind, pg_catalog.quote_ident(n.nspname) AS name, n.nspacl AS acl, n.nspowner AS owner
              UNION ALL
              SELECT 'TABLE', pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
                     c.relacl, c.relowner
              FROM pg_catalog.pg_class AS c
              WHERE c.relnamespace = n.oid AND c.relacl IS NOT NULL) AS o,
     LATERAL pg_catalog.aclexplode(o.acl) AS g
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = g.grantee
WHERE n.nspname = $1 AND g.grantee <> o.owner)";

}  // namespace

void copy_defaults(Oid view, const BaseRelation& relation) {
  for (const BaseColumn& column : relation.columns) {
    if (!column.has_default && column.contract_default.empty()) continue;
    const AttrNumber attnum = pg::attribute_number(view, column.name);
    if (!column.contract_default.empty())
      pg::set_default(view, attnum, column.contract_default, relation.owner);
    else
      pg::copy_default(view, attnum, relation.oid,
                       pg::attribute_number(relation.oid, column.base_name));
  }
}

void copy_properties(pg::Spi& spi, const VersionPlan& plan, const BaseRelation& relation) {
  copy_defaults(pg::relation_oid(pg::schema_oid(plan.schema), relation.name), relation);
  copy_comments(spi, plan, relation);
  if (relation.owner != GetUserId())
    spi.run(fmt::format("ALTER VIEW {} OWNER TO {}", on(plan, relation),
                        pg::quote(pg::role_name(relation.owner))));
  if (relation.granted) copy_grants(spi, plan, relation);
}

void drop_default_grants(pg::Spi& spi, const VersionPlan& plan) {
  for (const pg::SqlRow& row : spi.query(kDefaultGrants, {pg::SqlArg::name(plan.schema)}))
    spi.run(fmt::format("REVOKE ALL ON {} {} FROM {}", *row[0], *row[1], *row[2]));
}

void drop_default_grants_of(pg::Spi& spi, const std::string& schema, const std::string& view) {
  const std::string name = pg::quote(schema) + "." + pg::quote(view);
  for (const pg::SqlRow& row : spi.query(kDefaultGrants, {pg::SqlArg::name(schema)}))
    if (*row[0] == "TABLE" && *row[1] == name)
      spi.run(fmt::format("REVOKE ALL ON {} FROM {}", name, *row[2]));
}

void make_version_schema(pg::Spi& spi, const VersionPlan& plan) {
  spi.run(fmt::format(
      "CREATE SCHEMA {} AUTHORIZATION {}", pg::quote(plan.schema),
      *spi.query("SELECT pg_catalog.quote_ident(r.rolname) FROM pg_catalog.pg_namespace AS n "
                 "JOIN pg_catalog.pg_roles AS r ON r.oid = n.nspowner WHERE n.oid = $1",
                 {pg::SqlArg::oid(plan.base)})
           .at(0)
           .at(0)));
}

void copy_schema_properties(pg::Spi& spi, const VersionPlan& plan,
                            const std::optional<std::string>& description) {
  const auto comment = description
                           ? description
                           : spi.query("SELECT pg_catalog.obj_description($1, 'pg_namespace')",
                                       {pg::SqlArg::oid(plan.base)})
                                 .at(0)
                                 .at(0);
  if (comment)
    spi.run(fmt::format("COMMENT ON SCHEMA {} IS {}", pg::quote(plan.schema),
                        pg::quote_literal(*comment)));
  const auto grants = spi.query(
      "SELECT CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END, "
      "g.is_grantable "
      "FROM pg_catalog.pg_namespace AS n, LATERAL pg_catalog.aclexplode(n.nspacl) AS g "
      "LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = g.grantee "
      "WHERE n.oid = $1 AND g.grantee <> n.nspowner AND g.privilege_type = 'USAGE'",
      {pg::SqlArg::oid(plan.base)});
  for (const pg::SqlRow& row : grants)
    spi.run(fmt::format("GRANT USAGE ON SCHEMA {} TO {} {}", pg::quote(plan.schema), *row[0],
                        *row[1] == "t" ? "WITH GRANT OPTION" : ""));
}

}  // namespace strata::version
