// Owns: reading strata.column_fill (see fills.hpp).
#include "catalog/fills.hpp"

#include "pg/session.hpp"
#include "pg/spi.hpp"

namespace strata::catalog {

bool is_filled(Oid relation, const std::string& column) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  pg::Spi spi;
  return !spi.query(
                 "SELECT FROM strata.column_fill AS f JOIN strata.base_column AS b "
                 "ON b.relation = f.relation AND b.column_id = f.column_id "
                 "WHERE f.relation = $1 AND b.column_name = $2",
                 {pg::SqlArg::oid(relation), pg::SqlArg::name(column)})
              .empty();
}

}  // namespace strata::catalog
