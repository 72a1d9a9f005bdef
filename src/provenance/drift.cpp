// strata.drift: what changed without being recorded.
#include "catalog/registry.hpp"
#include "model/json.hpp"
#include "pg/clock.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/row_writer.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "provenance/call.hpp"
#include "provenance/chain.hpp"
#include "provenance/entries.hpp"
#include "provenance/migration.hpp"
#include "version/rights.hpp"

extern "C" {
#include "access/xact.h"
#include "access/xlog.h"
#include "utils/snapmgr.h"
}

namespace strata::provenance {
namespace {

std::string shapes_now(Oid base) {
  const pg::EnsuredSnapshot snapshot;
  std::string out;
  Change unused;
  add_shapes(out, base, &unused);
  return out + "}";
}

// The recorded state is read between two looks at the catalogs: what somebody commits meanwhile,
// with its record, is no drift.
constexpr const char* kDifferences = R"(
  SELECT coalesce(r.object, f.key), r.shape, f.value,
         coalesce(f.value ->> 'oid', r.shape ->> 'oid')
  FROM strata.recorded_shapes($1, 9223372036854775807) AS r
  FULL JOIN pg_catalog.json_each($2::pg_catalog.json) AS f ON f.key = r.object
  LEFT JOIN pg_catalog.json_each($3::pg_catalog.json) AS again ON again.key = coalesce(r.object, f.key)
  WHERE f.value::pg_catalog.text IS NOT DISTINCT FROM again.value::pg_catalog.text
    AND CASE WHEN f.value::pg_catalog.text = r.shape::pg_catalog.text THEN false
        ELSE strata.bare_shape(f.value::pg_catalog.jsonb)
             IS DISTINCT FROM strata.bare_shape(r.shape::pg_catalog.jsonb) END
  ORDER BY 1)";

void record(const std::string& base, const std::vector<pg::SqlRow>& rows) {
  Change change;
  std::string was;
  std::string is;
  for (const pg::SqlRow& row : rows) {
    const std::string key = model::json_string(*row[0]);
    if (row[1]) was += (was.empty() ? "{" : ", ") + key + ": " + *row[1];
    if (row[2]) is += (is.empty() ? "{" : ", ") + key + ": " + *row[2];
    change.objects.insert(*row[0]);
    change.oids.insert(pg::to_oid(row[3]));
  }
  change.migration_id = join_migration(base);
  change.base = base;
  change.command = "strata.drift";
  change.object = pg::quote(base);
  change.statement = fmt::format("strata.drift(base => {})", pg::quote_literal(pg::quote(base)));
  change.statement_length = static_cast<int64_t>(change.statement.size());
  change.statement_digest = digest_of(change.statement);
  change.effective_role = pg::role_name(pg::call([] { return GetOuterUserId(); }));
  change.at = pg::now();
  if (!was.empty()) change.before = was + "}";
  if (!is.empty()) change.after = is + "}";
  append(change);
}

}  // namespace

STRATA_FUNCTION(drift) {
  args.require(0, "base");
  const Oid base = args.oid(0);
  const std::string name = version::require_tracked(base).name;
  pg::ResultSet out(args);
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const std::string before = shapes_now(base);
  std::vector<pg::SqlRow> rows;
  {
    pg::Spi spi;
    rows = spi.query_now(
        kDifferences, {pg::SqlArg::oid(base), pg::SqlArg::text(before), pg::SqlArg::text(before)});
  }
  if (rows.empty()) return args.none();
  const std::string after = shapes_now(base);
  if (after != before) {
    pg::Spi spi;
    rows = spi.query_now(
        kDifferences, {pg::SqlArg::oid(base), pg::SqlArg::text(before), pg::SqlArg::text(after)});
  }
  for (const pg::SqlRow& row : rows)
    out.add({row[0], row[1], row[2]});
  if (!rows.empty() && !XactReadOnly && !RecoveryInProgress()) record(name, rows);
  return args.none();
}

}  // namespace strata::provenance
