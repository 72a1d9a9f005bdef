// strata.add_brownout, drop_brownout: planned minutes in which a deprecated version is refused.
#include "guard/window_row.hpp"
#include "pg/function.hpp"
#include "pg/owner_spi.hpp"
#include "pg/session.hpp"
#include "pg/zone.hpp"
#include "provenance/call.hpp"
#include "version/rights.hpp"
#include "version/version_lock.hpp"

extern "C" {
#include "pgtime.h"
#include "utils/timestamp.h"
}

namespace strata::sunset {
namespace {

// Rules repeat what the wall shows where it was said, so that it stays at the same hour.
std::string zone_of_session() {
  return pg::call([] { return pg_get_timezone_name(session_timezone); });
}

guard::WindowRow row_of(const pg::Arguments& args, const std::string& zone) {
  guard::WindowRow row;
  const auto in = pg::zone_named(zone);
  if (!in)
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE,
                fmt::format("the server has no time zone \"{}\"", zone),
                "A brownout repeats in the session's time zone.", "SET TimeZone = 'UTC';");
  row.starts = model::to_local(*in, args.timestamp(2));
  row.duration = args.interval(3);
  row.rrule = args.optional_text(4);
  row.time_zone = zone;
  std::optional<model::RRule> rule;
  if (const guard::Fault fault = guard::read_row(row, rule))
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE,
                fmt::format("invalid {} of a brownout", fault.field), fault.detail, fault.hint);
  if (!guard::make_window(row, rule, *in).following(model::kBeginOfTime))
    throw Error(
        ERRCODE_INVALID_PARAMETER_VALUE, "invalid recurrence rule of a brownout",
        "It never occurs from the start on.",
        "Look at the days that BYMONTH, BYMONTHDAY and BYDAY leave together, and at UNTIL.");
  return row;
}

int64_t require_deprecated(pg::Spi& spi, const std::string& base, const std::string& version) {
  const auto rows = spi.query(
      "SELECT v.version_id, v.state FROM strata.published_version AS v "
      "WHERE v.base = $1 AND v.version = $2 AND v.state <> 'retired'",
      {pg::SqlArg::name(base), pg::SqlArg::text(version)});
  if (rows.empty())
    throw Error(sqlstate::kNotTracked,
                fmt::format("schema \"{}\" has no live version \"{}\"", base, version), {},
                "SELECT version, state FROM strata.versions;");
  if (*rows[0][1] != "deprecated")
    throw Error(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                fmt::format("version \"{}\" of schema \"{}\" is not deprecated", version, base),
                "Brownouts show who still uses a version that is to go.",
                fmt::format("SELECT strata.deprecate({}, {});", pg::quote_literal(pg::quote(base)),
                            pg::quote_literal(version)));
  return std::stoll(*rows[0][0]);
}

}  // namespace

STRATA_CHANGE(add_brownout) {
  args.require(0, "base");
  args.require(1, "version");
  args.require(2, "starts");
  args.require(3, "duration");
  const Oid base = args.oid(0);
  version::require_owner_of(base);
  const version::VersionLock lock(base);
  const std::string name = version::require_tracked(base).name;
  const guard::WindowRow row = row_of(args, zone_of_session());
  pg::OwnerSpi spi;
  const auto added = spi.query(
      "INSERT INTO strata.brownout (version_id, starts, duration, rrule, time_zone) "
      "VALUES ($1, $2, $3, $4, $5) RETURNING brownout_id",
      {pg::SqlArg::int8(require_deprecated(spi, name, args.text(1))),
       {TIMESTAMPOID, TimestampGetDatum(row.starts), false},
       {INTERVALOID, IntervalPGetDatum(&row.duration), false},
       pg::SqlArg::text_or_null(row.rrule),
       pg::SqlArg::text(row.time_zone)});
  return Int64GetDatum(std::stoll(*added[0][0]));
}

STRATA_CHANGE(drop_brownout) {
  args.require(0, "brownout_id");
  const int64_t id = args.int8(0);
  const auto missing = [&] {
    return Error(ERRCODE_UNDEFINED_OBJECT, fmt::format("there is no brownout {}", id), {},
                 "SELECT brownout_id, base, version FROM strata.brownouts;");
  };
  const pg::PinnedSearchPath path;
  Oid base = InvalidOid;
  {
    pg::Spi spi;
    const auto rows =
        spi.query("SELECT b.base::oid FROM strata.brownouts AS b WHERE b.brownout_id = $1",
                  {pg::SqlArg::int8(id)});
    if (rows.empty()) throw missing();
    base = pg::to_oid(rows[0][0]);
  }
  version::require_owner_of(base);
  const version::VersionLock lock(base);
  const pg::ActAs owner(pg::extension_owner());
  pg::Spi spi;
  if (spi.run("DELETE FROM strata.brownout WHERE brownout_id = $1", {pg::SqlArg::int8(id)}) == 0)
    throw missing();
  return args.none();
}

}  // namespace strata::sunset
