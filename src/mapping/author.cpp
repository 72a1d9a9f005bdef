// Owns: the checks of author functions (see author.hpp).
#include "mapping/author.hpp"

#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "version/rights.hpp"

namespace strata::mapping {

Subject require_subject(Oid relation, const std::string& column) {
  const char kind = pg::relation_kind(relation);
  if (kind == 0)
    throw Error(ERRCODE_UNDEFINED_TABLE,
                fmt::format("relation with OID {} does not exist", relation));
  if (strchr("rpfmv", kind) == nullptr)
    throw Error(ERRCODE_WRONG_OBJECT_TYPE,
                fmt::format("{} is not a table", pg::relation_display(relation)));
  if (catalog::registry().view(relation) != nullptr)
    throw Error(ERRCODE_WRONG_OBJECT_TYPE,
                fmt::format("{} is a version view", pg::relation_display(relation)), "",
                "Name the base table; all its versions follow.");
  version::require_owner_of_relation(relation);
  const AttrNumber attnum = pg::attribute_number(relation, column);
  if (attnum <= 0)
    throw Error(ERRCODE_UNDEFINED_COLUMN,
                fmt::format("column \"{}\" of relation \"{}\" does not exist", column,
                            pg::relation_name(relation)));
  return {relation, attnum, column, pg::attributes(relation).at(attnum)};
}

void require_readable(const catalog::VersionView& view, const std::set<int>& positions,
                      const std::vector<AttrNumber>& reads) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  pg::Spi spi;
  std::string shown;
  for (const int position : positions)
    shown += fmt::format("{}{}", shown.empty() ? "" : ", ", position);
  for (const AttrNumber attnum : reads) {
    // For callers' rights everybody who may read these columns of the view must be able to read the
    // base column; for the owner's rights the view's owner. PUBLIC is role 0.
    const auto rows = spi.query(
        fmt::format(
            "SELECT CASE WHEN s.grantee = 0 THEN 'PUBLIC' "
            "            ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(s.grantee)) END "
            "FROM pg_catalog.pg_class AS v "
            "CROSS JOIN LATERAL ("
            "  SELECT g.grantee FROM pg_catalog.aclexplode(v.relacl) AS g "
            "  WHERE g.privilege_type = 'SELECT' "
            "  UNION SELECT g.grantee FROM pg_catalog.pg_attribute AS a, "
            "    LATERAL pg_catalog.aclexplode(a.attacl) AS g "
            "  WHERE a.attrelid = v.oid AND a.attnum IN ({}) AND g.privilege_type = 'SELECT' "
            "  UNION SELECT v.relowner) AS s "
            "WHERE v.oid = $1 "
            "  AND (s.grantee = v.relowner OR 'security_invoker=true' = ANY (v.reloptions)) "
            "  AND NOT pg_catalog.has_column_privilege(s.grantee, $2, $3::pg_catalog.int2, "
            "'SELECT') "
            "ORDER BY 1 LIMIT 1",
            shown),
        {pg::SqlArg::oid(view.view), pg::SqlArg::oid(view.base), pg::SqlArg::int4(attnum)});
    if (rows.empty()) continue;
    const std::string column = pg::attribute_name(view.base, attnum);
    const std::string role = rows.at(0).at(0).value();
    throw Error(ERRCODE_INSUFFICIENT_PRIVILEGE,
                fmt::format("the mapping reads column \"{}\", which {} may not read", column, role),
                fmt::format("{} may read version view {}.", role, pg::relation_display(view.view)),
                fmt::format("GRANT SELECT ({}) ON {} TO {};", pg::quote(column),
                            pg::relation_display(view.base), role));
  }
}

}  // namespace strata::mapping
