// Owns: SQL on strata.type_change (see type_changes.hpp).
#include "catalog/type_changes.hpp"

#include "pg/lock.hpp"
#include "pg/owner_spi.hpp"
#include "pg/table_scan.hpp"

namespace strata::catalog {
namespace {

std::vector<pg::SqlRow> as_owner(const std::string& sql, const std::vector<pg::SqlArg>& args) {
  pg::OwnerSpi spi;
  return spi.query(sql, args);
}

// Returns false when nothing is prepared for any column of the relation, which is usual and must
// not cost the planning of a query.
bool any_prepared(Oid relation) {
  return pg::find_rows("strata", "type_change", "type_change_pkey", relation).count() > 0;
}

}  // namespace

std::optional<TypeChange> type_change(Oid relation, const std::string& column, Oid old_type,
                                      Oid new_type) {
  if (!any_prepared(relation)) return std::nullopt;
  const auto rows = as_owner(
      "SELECT t.expression_column, t.read_as, t.write_as FROM strata.type_change AS t "
      "JOIN strata.base_column AS b ON b.relation = t.relation AND b.column_id = t.column_id "
      "WHERE t.relation = $1 AND b.column_name = $2 AND t.old_type = $3::pg_catalog.regtype "
      "  AND t.new_type = $4::pg_catalog.regtype",
      {pg::SqlArg::oid(relation), pg::SqlArg::name(column), pg::SqlArg::oid(old_type),
       pg::SqlArg::oid(new_type)});
  if (rows.empty()) return std::nullopt;
  return TypeChange{new_type, *rows[0][0], *rows[0][1], *rows[0][2]};
}

void use_type_change(Oid relation, const std::string& column) {
  if (!any_prepared(relation)) return;
  as_owner(
      "DELETE FROM strata.type_change AS t USING strata.base_column AS b "
      "WHERE b.relation = t.relation AND b.column_id = t.column_id AND t.relation = $1 AND "
      "b.column_name = $2",
      {pg::SqlArg::oid(relation), pg::SqlArg::name(column)});
}

}  // namespace strata::catalog
