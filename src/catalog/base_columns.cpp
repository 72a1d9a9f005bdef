// Owns: SQL and heap access on strata.base_column (see base_columns.hpp).
#include "catalog/base_columns.hpp"

#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/table_scan.hpp"

namespace strata::catalog {
namespace {

// The position of strata.base_column.column_name; the install script keeps it for ever.
constexpr int kColumnName = 3;

}  // namespace

void rename_base_column(Oid relation, const std::string& from, const std::string& to) {
  const auto rename = [&] {
    return pg::update_name("strata", "base_column", "base_column_pkey", relation, kColumnName, from,
                           to);
  };
  if (rename()) return;
  // The name is left from a column that a cascade took along.
  forget_base_column(relation, to);
  rename();
}

void forget_base_column(Oid relation, const std::string& column) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  pg::Spi spi;
  spi.run(
      "UPDATE strata.base_column SET column_name = '........pg.dropped.' || column_id || "
      "'........' WHERE relation = $1 AND column_name = $2",
      {pg::SqlArg::oid(relation), pg::SqlArg::name(column)});
}

int32_t number_base_column(Oid relation, const std::string& column) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  pg::Spi spi;
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
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  pg::Spi spi;
  const std::vector<pg::SqlArg> args{pg::SqlArg::oid(from), pg::SqlArg::oid(to)};
  spi.run("DELETE FROM strata.base_column WHERE relation = $1 AND $2 <> $1", {args[1], args[0]});
  spi.run("UPDATE strata.base_column SET relation = $2 WHERE relation = $1", args);
}

std::map<int32_t, std::string> base_columns(Oid relation) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  pg::Spi spi;
  std::map<int32_t, std::string> out;
  for (const pg::SqlRow& row :
       spi.query("SELECT column_id, column_name FROM strata.base_column WHERE relation = $1",
                 {pg::SqlArg::oid(relation)}))
    out[std::stoi(*row[0])] = *row[1];
  return out;
}

}  // namespace strata::catalog
