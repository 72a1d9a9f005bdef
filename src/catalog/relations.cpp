// Owns: SQL on the registry's relation and contract tables (see relations.hpp).
#include "catalog/relations.hpp"

#include "pg/owner_spi.hpp"
#include "pg/session.hpp"

namespace strata::catalog {
namespace {

pg::SqlArg oid_or_null(Oid oid) {
  pg::SqlArg arg = pg::SqlArg::oid(oid);
  arg.null = !OidIsValid(oid);
  return arg;
}

}  // namespace

void set_base(int64_t relation_id, Oid base) {
  pg::OwnerSpi spi;
  spi.run("UPDATE strata.published_relation SET base = $2 WHERE relation_id = $1",
          {pg::SqlArg::int8(relation_id), oid_or_null(base)});
  pg::command_counter_increment();  // the registry's own invalidation takes effect
}

void set_inverse(int64_t relation_id, Oid inverse) {
  pg::OwnerSpi spi;
  spi.run("UPDATE strata.published_relation SET inverse = $2 WHERE relation_id = $1",
          {pg::SqlArg::int8(relation_id), oid_or_null(inverse)});
  pg::command_counter_increment();
}

std::vector<ContractColumn> contract(int64_t relation_id) {
  pg::OwnerSpi spi;
  std::vector<ContractColumn> columns;
  for (const pg::SqlRow& row : spi.query(
           "SELECT c.position, c.column_name, c.type::pg_catalog.oid, c.typmod, c.omissible, "
           "c.column_default IS NOT NULL, c.lost, b.column_name "
           "FROM strata.contract_column AS c "
           "JOIN strata.published_relation AS r ON r.relation_id = c.relation_id "
           "LEFT JOIN strata.base_column AS b ON b.relation = r.base AND b.column_id = c.column_id "
           "WHERE c.relation_id = $1 ORDER BY c.position",
           {pg::SqlArg::int8(relation_id)}))
    columns.push_back({std::stoi(*row[0]), *row[1], pg::to_oid(row[2]), std::stoi(*row[3]),
                       *row[4] == "t", *row[5] == "t", *row[6] == "t", row[7].value_or("")});
  return columns;
}

void set_lost(int64_t relation_id, int position, bool lost) {
  pg::OwnerSpi spi;
  spi.run(
      "UPDATE strata.contract_column SET lost = $3 "
      "WHERE relation_id = $1 AND position = $2 AND lost <> $3",
      {pg::SqlArg::int8(relation_id), pg::SqlArg::int4(position), pg::SqlArg::boolean(lost)});
}

}  // namespace strata::catalog
