// strata.track, strata.untrack, strata.deprecate: rows of the registry only.
#include "catalog/registry.hpp"
#include "catalog/settled.hpp"
#include "guard/rights.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "provenance/call.hpp"
#include "telemetry/usage_lock.hpp"
#include "version/rights.hpp"
#include "version/version_lock.hpp"

namespace strata::version {
namespace {

// Raises unless `base` can be tracked: an ordinary schema, and not itself a version.
void require_trackable(Oid base, const std::string& name) {
  const catalog::Version* version = catalog::registry().version_of_schema(base);
  if (version != nullptr)
    throw Error(
        ERRCODE_WRONG_OBJECT_TYPE, fmt::format("schema \"{}\" is itself a version", name),
        fmt::format("It is version \"{}\" of schema \"{}\".", version->version, version->base),
        "Track and publish the base schema.");
  if (name.starts_with("pg_") || name == "information_schema" || name == "strata" ||
      name == "strata_inverse")
    throw Error(ERRCODE_WRONG_OBJECT_TYPE, fmt::format("schema \"{}\" cannot be tracked", name),
                "It belongs to the server or to pg_strata.");
}

// Raises ST010 unless the version is live; returns its registry entry.
const catalog::Version& require_version(Oid base, const std::string& version) {
  const catalog::BaseSchema& tracked = require_tracked(base);
  for (const auto& [id, found] : catalog::registry().versions())
    if (found.base == tracked.name && found.version == version) return found;
  throw Error(sqlstate::kNotTracked,
              fmt::format("schema \"{}\" has no live version \"{}\"", tracked.name, version),
              "It was never published, or it is retired.",
              "SELECT base, version, state FROM strata.versions;");
}

}  // namespace

STRATA_CHANGE(track) {
  args.require(0, "base");
  args.require(1, "owner");
  const Oid base = args.oid(0);
  const std::string name = pg::schema_name(base);
  require_owner_of(base);
  require_trackable(base, name);
  require_name_for_path(name);
  const auto description = args.optional_text(2);
  const VersionLock lock(base);
  if (catalog::registry().base_schema(base) != nullptr)
    throw Error(ERRCODE_DUPLICATE_OBJECT, fmt::format("schema \"{}\" is already tracked", name), "",
                "Publish a version of it with strata.publish().");
  pg::OwnerSpi spi;
  spi.run("INSERT INTO strata.base_schema (base, owner, description) VALUES ($1, $2, $3)",
          {pg::SqlArg::name(name), pg::SqlArg::oid(args.oid(1)),
           pg::SqlArg::text_or_null(description)});
  catalog::settle();
  return args.none();
}

STRATA_CHANGE(untrack) {
  args.require(0, "base");
  const Oid base = args.oid(0);
  // Else who may not drop a table would untrack the schema first.
  guard::require_administrator("untrack schemas");
  const VersionLock lock(base);
  const std::string name = require_tracked(base).name;
  std::string live;
  for (const auto& [id, version] : catalog::registry().versions())
    if (version.base == name) live += (live.empty() ? "" : ", ") + version.version;
  if (!live.empty())
    throw Error(sqlstate::kVersionInUse, fmt::format("schema \"{}\" has live versions", name),
                fmt::format("Live: {}.", live), "Retire them first with strata.retire().");
  pg::OwnerSpi spi;
  for (const pg::SqlRow& row : spi.query("SELECT v.version_id FROM strata.published_version AS v "
                                         "WHERE v.base = $1 ORDER BY v.version_id",
                                         {pg::SqlArg::name(name)}))
    telemetry::lock_usage(std::stoll(*row[0]));
  for (const char* table : {"usage", "usage_total", "usage_reset"})
    spi.run(
        fmt::format("DELETE FROM strata.{} WHERE version_id IN "
                    "(SELECT v.version_id FROM strata.published_version AS v WHERE v.base = $1)",
                    table),
        {pg::SqlArg::name(name)});
  for (const char* table : {"published_version", "change_window", "change_freeze", "guard_policy",
                            "guard_rule", "rollout", "gate", "base_schema"})
    spi.run(fmt::format("DELETE FROM strata.{} WHERE base = $1", table), {pg::SqlArg::name(name)});
  // What was said for its tables: nobody will take it away when they go.
  for (const char* table : {"type_change", "column_fill"})
    spi.run(fmt::format("DELETE FROM strata.{} WHERE relation IN "
                        "(SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = $1)",
                        table),
            {pg::SqlArg::oid(base)});
  return args.none();
}

STRATA_CHANGE(deprecate) {
  args.require(0, "base");
  args.require(1, "version");
  const Oid base = args.oid(0);
  require_owner_of(base);
  const VersionLock lock(base);
  const int64_t id = require_version(base, args.text(1)).id;
  const auto reason = args.optional_text(3);
  pg::SqlArg sunset{TIMESTAMPTZOID, TimestampTzGetDatum(args.is_null(2) ? 0 : args.timestamp(2)),
                    args.is_null(2)};
  pg::OwnerSpi spi;
  spi.run(
      "UPDATE strata.published_version SET state = 'deprecated', sunset = $2, reason = $3, "
      "deprecated_at = pg_catalog.now() WHERE version_id = $1",
      {pg::SqlArg::int8(id), sunset, pg::SqlArg::text_or_null(reason)});
  return args.none();
}

}  // namespace strata::version
