// Owns: reading strata.column_fill (see fills.hpp).
#include "catalog/fills.hpp"

#include "pg/owner_spi.hpp"
#include "pg/table_scan.hpp"

namespace strata::catalog {

bool is_filled(Oid relation, const std::string& column) {
  pg::OwnerSpi spi;
  return !spi.query(
                 "SELECT FROM strata.column_fill AS f JOIN strata.base_column AS b "
                 "ON b.relation = f.relation AND b.column_id = f.column_id "
                 "WHERE f.relation = $1 AND b.column_name = $2",
                 {pg::SqlArg::oid(relation), pg::SqlArg::name(column)})
              .empty();
}

std::map<int32_t, std::string> fills(Oid relation) {
  // The positions of column_id and expression; the install script keeps them for ever.
  constexpr int kNumber = 2;
  constexpr int kExpression = 3;
  const pg::TableRows rows = pg::find_rows("strata", "column_fill", "column_fill_pkey", relation);
  std::map<int32_t, std::string> out;
  for (int i = 0; i < rows.count(); i++)
    if (rows.oid(i, 1) == relation)
      out[DatumGetInt32(static_cast<Datum>(rows.int8(i, kNumber)))] = rows.text(i, kExpression);
  return out;
}

}  // namespace strata::catalog
