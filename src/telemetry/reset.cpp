// The SQL function strata.reset_stats(): what was counted, in the table and in memory, goes.
#include "catalog/registry.hpp"
#include "pg/function.hpp"
#include "pg/owner_spi.hpp"
#include "pg/shared_counters.hpp"
#include "telemetry/usage_lock.hpp"
#include "version/rights.hpp"

namespace strata::telemetry {
namespace {

// Returns the numbers of the versions, also of retired ones.
std::vector<int64_t> versions_of(pg::Spi& spi, const std::optional<std::string>& base,
                                 const std::optional<std::string>& version) {
  std::vector<int64_t> out;
  for (const pg::SqlRow& row :
       spi.query("SELECT version_id FROM strata.published_version WHERE ($1 IS NULL OR base = $1) "
                 "AND ($2 IS NULL OR version = $2) ORDER BY version_id",
                 {pg::SqlArg::name_or_null(base), pg::SqlArg::text_or_null(version)}))
    out.push_back(std::stoll(*row[0]));
  return out;
}

void require_superuser() {
  if (!pg::call([] { return superuser(); }))
    throw Error(ERRCODE_INSUFFICIENT_PRIVILEGE, "permission denied to reset all usage",
                "Only superusers may do so.", "Name a base schema that you own.");
}

void reset(const std::optional<std::string>& base, const std::optional<std::string>& version) {
  pg::OwnerSpi spi;
  const std::vector<int64_t> versions = versions_of(spi, base, version);
  if (version && versions.empty())
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE,
                fmt::format("schema \"{}\" has no version \"{}\"", *base, *version), {},
                "SELECT * FROM strata.versions;");
  // Not while the worker adds to it, which leaves them out until this transaction ends.
  for (const int64_t id : versions)
    lock_usage(id);
  spi.run("DELETE FROM strata.usage WHERE version_id = ANY ($1)", {pg::SqlArg::int8s(versions)});
  spi.run("DELETE FROM strata.usage_total WHERE version_id = ANY ($1)",
          {pg::SqlArg::int8s(versions)});
  spi.run(
      "INSERT INTO strata.usage_reset SELECT unnest($1), pg_catalog.clock_timestamp() "
      "ON CONFLICT (version_id) DO UPDATE SET reset_at = EXCLUDED.reset_at",
      {pg::SqlArg::int8s(versions)});
  for (const int64_t id : versions)
    pg::reset_counters(MyDatabaseId, id);
}

}  // namespace
}  // namespace strata::telemetry

STRATA_FUNCTION(reset_stats) {
  if (args.is_null(0)) {
    if (!args.is_null(1))
      throw strata::Error(ERRCODE_NULL_VALUE_NOT_ALLOWED, "base must not be null with a version");
    strata::telemetry::require_superuser();
    strata::telemetry::reset(std::nullopt, std::nullopt);
    return args.none();
  }
  strata::version::require_owner_of(args.oid(0));
  strata::telemetry::reset(strata::version::require_tracked(args.oid(0)).name,
                           args.optional_text(1));
  return args.none();
}
