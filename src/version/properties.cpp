// Owns: copying owner, defaults, comments and grants from the base to a version (see plan.hpp).
#include "pg/names.hpp"
#include "version/plan.hpp"

namespace strata::version {
namespace {

std::string on(const VersionPlan& plan, const BaseRelation& relation) {
  return pg::quote(plan.schema) + "." + pg::quote(relation.name);
}

void copy_defaults(pg::Spi& spi, const VersionPlan& plan, const BaseRelation& relation) {
  std::string actions;
  for (const BaseColumn& column : relation.columns) {
    if (column.default_expression.empty()) continue;
    actions += fmt::format("{}ALTER COLUMN {} SET DEFAULT {}", actions.empty() ? "" : ", ",
                           pg::quote(column.name), column.default_expression);
  }
  if (!actions.empty()) spi.run(fmt::format("ALTER TABLE {} {}", on(plan, relation), actions));
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
    const std::string columns = row[3] ? "(" + pg::quote(*row[3]) + ")" : "";
    spi.run(fmt::format("GRANT {} {} ON {} TO {} {}", *row[0], columns, on(plan, relation), *row[1],
                        *row[2] == "t" ? "WITH GRANT OPTION" : ""));
  }
}

// Takes back what ALTER DEFAULT PRIVILEGES gave: the version has the rights of its base, no others.
void drop_default_grants(pg::Spi& spi, const VersionPlan& plan, const BaseRelation& relation) {
  const auto grantees = spi.query(
      "SELECT DISTINCT CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE "
      "pg_catalog.quote_ident(r.rolname) END "
      "FROM pg_catalog.pg_class AS c, LATERAL pg_catalog.aclexplode(c.relacl) AS g "
      "LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = g.grantee "
      "WHERE c.oid = $1 AND g.grantee <> c.relowner",
      {pg::SqlArg::oid(pg::relation_oid(pg::schema_oid(plan.schema), relation.name))});
  for (const pg::SqlRow& row : grantees)
    spi.run(fmt::format("REVOKE ALL ON {} FROM {}", on(plan, relation), *row[0]));
}

}  // namespace

void copy_properties(pg::Spi& spi, const VersionPlan& plan, const BaseRelation& relation) {
  copy_defaults(spi, plan, relation);
  copy_comments(spi, plan, relation);
  drop_default_grants(spi, plan, relation);
  if (relation.owner != GetUserId())
    spi.run(fmt::format("ALTER VIEW {} OWNER TO {}", on(plan, relation),
                        pg::quote(pg::role_name(relation.owner))));
  if (relation.granted) copy_grants(spi, plan, relation);
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
