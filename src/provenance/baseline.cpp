// Owns: making these changes (see baseline.hpp).
#include "provenance/baseline.hpp"

#include "catalog/registry.hpp"
#include "model/json.hpp"
#include "pg/clock.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "pg/row_writer.hpp"
#include "provenance/migration.hpp"

namespace strata::provenance {
namespace {

std::vector<pg::SqlRow> shapes_at(Oid base, int64_t seq) {
  pg::OwnerSpi spi;
  return spi.query_now(
      "SELECT s.object, s.shape, s.shape ->> 'oid' FROM strata.recorded_shapes($1, $2) AS s"
      " ORDER BY s.object COLLATE \"C\"",
      {pg::SqlArg::oid(base), pg::SqlArg::int8(seq)});
}

}  // namespace

std::vector<Change> baselines(int64_t seq, const std::string& statement) {
  std::vector<Change> out;
  for (const catalog::BaseSchema& base : catalog::registry().bases()) {
    const auto shapes = shapes_at(pg::schema_oid(base.name), seq);
    if (shapes.empty()) continue;
    Change change;
    std::string after;
    for (const pg::SqlRow& shape : shapes) {
      after += (after.empty() ? "{" : ", ") + model::json_string(*shape[0]) + ": " + *shape[1];
      change.objects.insert(*shape[0]);
      change.oids.insert(pg::to_oid(shape[2]));
    }
    change.base = base.name;
    change.command = "strata.prune_provenance";
    change.object = pg::quote(base.name);
    change.statement = statement;
    change.statement_length = static_cast<int64_t>(statement.size());
    change.statement_digest = digest_of(statement);
    change.effective_role = pg::role_name(pg::call([] { return GetOuterUserId(); }));
    change.at = pg::now();
    change.after = after + "}";
    // Where it is among the changes that are left.
    change.arguments = fmt::format(R"({{"seq": {}}})", seq);
    out.push_back(std::move(change));
  }
  return out;
}

void append_baselines(std::vector<Change> baselines) {
  for (Change& change : baselines) {
    change.migration_id = join_migration(change.base);
    append(change);
  }
}

}  // namespace strata::provenance
