// Owns: SQL and heap access on strata.base_column (see base_columns.hpp).
#include "catalog/base_columns.hpp"

#include "pg/owner_spi.hpp"
#include "pg/table_scan.hpp"

namespace strata::catalog {
namespace {

// The position of strata.base_column.column_name; the install script keeps it for ever.
constexpr int kColumnName = 3;

// What core calls a dropped column, with our number in place of its own: no live column has it.
constexpr const char* kDroppedName =
    "'........pg.dropped.' OPERATOR(pg_catalog.||) column_id OPERATOR(pg_catalog.||) '........'";

void run_as_owner(const std::string& sql, const std::vector<pg::SqlArg>& args) {
  pg::OwnerSpi spi;
  spi.run(sql, args);
}

}  // namespace

void rename_base_column(Oid relation, const std::string& from, const std::string& to) {
  pg::update_name("strata", "base_column", "base_column_pkey", relation, kColumnName, from, to);
}

void forget_dropped_column(Oid relation, const std::string& column) {
  run_as_owner(fmt::format("UPDATE strata.base_column SET column_name = {} "
                           "WHERE relation = $1 AND column_name = $2",
                           kDroppedName),
               {pg::SqlArg::oid(relation), pg::SqlArg::name(column)});
}

void forget_dropped_columns(Oid relation) {
  run_as_owner(
      fmt::format("UPDATE strata.base_column AS b SET column_name = {} "
                  "WHERE (b.relation = $1 OR $1 = 0::pg_catalog.oid) "
                  "  AND b.column_name NOT LIKE '........pg.dropped.%' "
                  "  AND EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = b.relation) "
                  "  AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a "
                  "                  WHERE a.attrelid = b.relation AND a.attname = b.column_name "
                  "                    AND NOT a.attisdropped)",
                  kDroppedName),
      {pg::SqlArg::oid(relation)});
}

void forget_dropped_relation(Oid relation) {
  for (const char* table : {"type_change", "column_fill"}) {
    // Usually there is nothing, and SQL costs more than to look.
    const std::string key = fmt::format("{}_pkey", table);
    const pg::TableRows rows = OidIsValid(relation)
                                   ? pg::find_rows("strata", table, key.c_str(), relation)
                                   : pg::read_table("strata", table);
    if (rows.count() == 0) continue;
    run_as_owner(fmt::format("DELETE FROM strata.{} AS t "
                             "WHERE (t.relation = $1 OR $1 = 0::pg_catalog.oid) AND NOT EXISTS "
                             "(SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = t.relation)",
                             table),
                 {pg::SqlArg::oid(relation)});
  }
}

int32_t number_base_column(Oid relation, const std::string& column) {
  pg::OwnerSpi spi;
  const std::vector<pg::SqlArg> args{pg::SqlArg::oid(relation), pg::SqlArg::name(column)};
  const auto found = spi.query(
      "SELECT column_id FROM strata.base_column WHERE relation = $1 AND column_name = $2", args);
  if (!found.empty()) return std::stoi(*found.at(0).at(0));
  return std::stoi(*spi.query("INSERT INTO strata.base_column (relation, column_id, column_name) "
                              "SELECT $1, COALESCE(pg_catalog.max(column_id), 0) + 1, $2 "
                              "FROM strata.base_column WHERE relation = $1 RETURNING column_id",
                              args)
                        .at(0)
                        .at(0));
}

void move_base_columns(Oid from, Oid to) {
  pg::OwnerSpi spi;
  const std::vector<pg::SqlArg> args{pg::SqlArg::oid(from), pg::SqlArg::oid(to)};
  spi.run(
      "INSERT INTO strata.base_column (relation, column_id, column_name) "
      "SELECT $1, pg_catalog.row_number() OVER (ORDER BY n.column_id) + "
      "           (SELECT COALESCE(pg_catalog.max(b.column_id), 0) FROM strata.base_column AS b "
      "            WHERE b.relation = $1), n.column_name "
      "FROM strata.base_column AS n WHERE n.relation = $2 "
      "  AND NOT EXISTS (SELECT FROM strata.base_column AS b WHERE b.relation = $1 "
      "                  AND b.column_name = n.column_name)",
      args);
  for (const char* table : {"strata.column_fill", "strata.type_change"}) {
    spi.run(fmt::format("DELETE FROM {} AS t USING strata.base_column AS b, {} AS own, "
                        "strata.base_column AS n "
                        "WHERE t.relation = $1 AND b.relation = $1 AND b.column_id = t.column_id "
                        "  AND own.relation = $2 AND n.relation = $2 "
                        "  AND n.column_id = own.column_id AND n.column_name = b.column_name",
                        table, table),
            args);
    spi.run(fmt::format("UPDATE {} AS t SET column_id = -b.column_id "
                        "FROM strata.base_column AS b, strata.base_column AS n "
                        "WHERE t.relation = $2 AND n.relation = $2 AND n.column_id = t.column_id "
                        "  AND b.relation = $1 AND b.column_name = n.column_name",
                        table),
            args);
    spi.run(fmt::format("UPDATE {} SET relation = $2, column_id = pg_catalog.abs(column_id) "
                        "WHERE relation IN ($1, $2)",
                        table),
            args);
  }
  spi.run("DELETE FROM strata.base_column WHERE relation = $2 AND $1 <> $2", args);
  spi.run("UPDATE strata.base_column SET relation = $2 WHERE relation = $1", args);
}

std::map<int32_t, std::string> base_columns(Oid relation) {
  pg::OwnerSpi spi;
  std::map<int32_t, std::string> out;
  for (const pg::SqlRow& row :
       spi.query("SELECT column_id, column_name FROM strata.base_column WHERE relation = $1 "
                 "AND column_name NOT LIKE '........pg.dropped.%'",
                 {pg::SqlArg::oid(relation)}))
    out[std::stoi(*row[0])] = *row[1];
  return out;
}

}  // namespace strata::catalog
