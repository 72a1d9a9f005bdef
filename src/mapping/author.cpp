// Owns: the checks of author functions (see author.hpp).
#include "mapping/author.hpp"

#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
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

namespace {

// Returns who has the privilege on one of the view's columns at `positions`, but not on the base
// column; nullopt when nobody is. For callers' rights everybody with the privilege counts, for the
// owner's rights only the view's owner. PUBLIC is role 0.
std::optional<std::string> without_right(pg::Spi& spi, const catalog::VersionView& view,
                                         const std::set<int>& positions, AttrNumber attnum,
                                         const char* privilege) {
  std::string columns;
  for (const int position : positions)
    columns += fmt::format("{}{}", columns.empty() ? "" : ", ", position);
  const auto rows = spi.query(
      fmt::format(
          "SELECT CASE WHEN s.grantee = 0 THEN 'PUBLIC' "
          "            ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(s.grantee)) END "
          "FROM pg_catalog.pg_class AS v "
          "CROSS JOIN LATERAL ("
          "  SELECT g.grantee FROM pg_catalog.aclexplode(v.relacl) AS g "
          "  WHERE g.privilege_type = $4 "
          "  UNION SELECT g.grantee FROM pg_catalog.pg_attribute AS a, "
          "    LATERAL pg_catalog.aclexplode(a.attacl) AS g "
          "  WHERE a.attrelid = v.oid AND a.attnum IN ({}) AND g.privilege_type = $4 "
          "  UNION SELECT v.relowner) AS s "
          "WHERE v.oid = $1 "
          "  AND (s.grantee = v.relowner OR 'security_invoker=true' = ANY (v.reloptions)) "
          "  AND NOT pg_catalog.has_column_privilege(s.grantee, $2, $3::pg_catalog.int2, $4) "
          "ORDER BY 1 LIMIT 1",
          columns),
      {pg::SqlArg::oid(view.view), pg::SqlArg::oid(view.base), pg::SqlArg::int4(attnum),
       pg::SqlArg::text(privilege)});
  if (rows.empty()) return std::nullopt;
  return rows.at(0).at(0).value();
}

void require_right(const catalog::VersionView& view, const std::set<int>& positions,
                   const std::vector<AttrNumber>& columns, const char* privilege,
                   const char* mapping_does, const char* may) {
  pg::OwnerSpi spi;
  for (const AttrNumber attnum : columns) {
    const auto role = without_right(spi, view, positions, attnum, privilege);
    if (!role) continue;
    const std::string column = pg::attribute_name(view.base, attnum);
    throw Error(
        ERRCODE_INSUFFICIENT_PRIVILEGE,
        fmt::format("the mapping {} column \"{}\", which {} may not {}", mapping_does, column,
                    *role, may),
        fmt::format("{} may {} version view {}.", *role, may, pg::relation_display(view.view)),
        fmt::format("GRANT {} ({}) ON {} TO {};", privilege, pg::quote(column),
                    pg::relation_display(view.base), *role));
  }
}

}  // namespace

void require_readable(const catalog::VersionView& view, const std::set<int>& positions,
                      const std::vector<AttrNumber>& reads) {
  require_right(view, positions, reads, "SELECT", "reads", "read");
}

void require_writable(const catalog::VersionView& view, const std::set<int>& positions,
                      const std::vector<AttrNumber>& writes) {
  require_right(view, positions, writes, "INSERT", "writes", "insert into");
  require_right(view, positions, writes, "UPDATE", "writes", "update");
}

}  // namespace strata::mapping
