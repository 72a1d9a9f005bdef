// Owns: SQL on strata.type_change and strata.kept_index (see type_changes.hpp).
#include "catalog/type_changes.hpp"

#include "pg/lock.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/table_scan.hpp"

namespace strata::catalog {
namespace {

// Columns of strata.kept_index.
enum KeptColumns { kKeptIndex = 1, kKeptRelation };

std::vector<pg::SqlRow> as_owner(const std::string& sql, const std::vector<pg::SqlArg>& args) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  pg::Spi spi;
  return spi.query(sql, args);
}

// Returns false when nothing is prepared for any column of the relation, which is usual and must
// not cost the planning of a query.
bool any_prepared(Oid relation) {
  return pg::find_rows("strata", "type_change", "type_change_pkey", relation).count() > 0;
}

}  // namespace

std::optional<TypeChange> type_change(Oid relation, const std::string& column, Oid new_type) {
  if (!any_prepared(relation)) return std::nullopt;
  const auto rows = as_owner(
      "SELECT t.expression_column, t.read_as, t.write_as FROM strata.type_change AS t "
      "JOIN strata.base_column AS b ON b.relation = t.relation AND b.column_id = t.column_id "
      "WHERE t.relation = $1 AND b.column_name = $2 AND t.new_type = $3::pg_catalog.regtype",
      {pg::SqlArg::oid(relation), pg::SqlArg::name(column), pg::SqlArg::oid(new_type)});
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

void keep_index(Oid index, Oid relation) {
  as_owner("INSERT INTO strata.kept_index (index, relation) VALUES ($1, $2)",
           {pg::SqlArg::oid(index), pg::SqlArg::oid(relation)});
}

std::vector<Oid> kept_indexes(Oid relation) {
  std::vector<Oid> out;
  bool some_gone = false;
  const pg::TableRows rows = pg::read_table("strata", "kept_index");
  for (int i = 0; i < rows.count(); i++) {
    const Oid index = rows.oid(i, kKeptIndex);
    if (!pg::relation_exists(index))
      some_gone = true;
    else if (rows.oid(i, kKeptRelation) == relation)
      out.push_back(index);
  }
  if (some_gone)
    as_owner(
        "DELETE FROM strata.kept_index AS k WHERE NOT EXISTS "
        "(SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = k.index)",
        {});
  return out;
}

}  // namespace strata::catalog
