// Owns: what keeps a version from being retired though nothing depends on it (see idle.hpp).
#include "version/idle.hpp"

#include "pg/owner_spi.hpp"
#include "pg/session.hpp"
#include "settings.hpp"
#include "telemetry/usage_table.hpp"

namespace strata::version {
namespace {

using pg::SqlArg;

// How many clients a message names.
constexpr int kNamed = 5;

std::string message(const catalog::Version& version) {
  return fmt::format("cannot retire version \"{}\" of schema \"{}\"", version.version,
                     version.base);
}

// Returns the call with the base, as it could be sent; `rest` begins after the base.
std::string call(const char* function, const catalog::Version& version, const std::string& rest) {
  return fmt::format("SELECT strata.{}({}{});", function,
                     pg::quote_literal(pg::quote(version.base)), rest);
}

// Returns the call that has the gate do without the version; `other`: another live version, empty
// for none.
std::string set_gate(const catalog::Version& version, const std::string& other,
                     const std::string& unit, bool enabled) {
  if (other.empty()) return call("drop_gate", version, "");
  return call("set_gate", version,
              fmt::format(", {}, unit => {}{}", pg::quote_literal(other), pg::quote_literal(unit),
                          enabled ? "" : ", enabled => false"));
}

// One of the things that a base's counters are not older than.
std::string why_unknown(const pg::SqlRow& row) {
  if (!pg::counters_exist()) return "nothing is counted, because pg_strata.stat_max is 0";
  if (!telemetry_on()) return "nothing is counted, because pg_strata.telemetry is off";
  if (catalog::registry().came_with_dump())
    return "versions came with a dump, which has no counters";
  if (row[2]) return fmt::format("its counters were reset at {}", *row[2]);
  if (row[3])
    return fmt::format("this database was loaded from a dump at {}, and a dump has no counters",
                       *row[3]);
  if (row[4])
    return fmt::format("counters were lost at {}, because there were more than pg_strata.stat_max",
                       *row[4]);
  return {};
}

// What was counted in the time that ends now is all there was unless one of these was in between.
// A version that is younger was used by nobody before, and one that was published in this
// transaction by nobody else.
constexpr const char* kWatched = R"(
SELECT b.retire_after_idle::text, b.retire_after_idle = interval '0' OR v.published_at = pg_catalog.now(),
       (SELECT r.reset_at FROM strata.usage_reset AS r WHERE r.version_id = v.version_id AND r.reset_at > t.since)::text,
       (SELECT pg_catalog.max(s.since) FROM strata.settled AS s WHERE s.since > t.since)::text,
       CASE WHEN l.lost_at > t.since THEN l.lost_at END::text
FROM strata.published_version AS v
JOIN strata.base_schema AS b ON b.base = v.base
CROSS JOIN LATERAL (SELECT GREATEST(v.published_at, pg_catalog.clock_timestamp() - b.retire_after_idle)) AS t(since)
CROSS JOIN LATERAL (SELECT timestamptz '2000-01-01 00:00:00+00' + $2 * interval '1 microsecond') AS l(lost_at)
WHERE v.version_id = $1)";

std::string listed(const std::vector<pg::SqlRow>& clients) {
  std::string out;
  for (const pg::SqlRow& client : clients) {
    const std::string application = client[1]->empty() ? std::string("without an application_name")
                                                       : fmt::format("as \"{}\"", *client[1]);
    out += fmt::format("{}role \"{}\" {} ({} {}, the last at {})", out.empty() ? "" : "; ",
                       *client[0], application, *client[2],
                       *client[2] == "1" ? "statement" : "statements", *client[3]);
  }
  const int64_t more = std::stoll(*clients[0][4]) - static_cast<int64_t>(clients.size());
  return more > 0 ? fmt::format("{}; and {} more", out, more) : out;
}

}  // namespace

void require_unrouted(const catalog::Version& version) {
  pg::OwnerSpi spi;
  const auto rows = spi.query_now(
      R"(SELECT g.stable, g.candidate, g.unit, g.enabled,
  (SELECT pg_catalog.min((r ->> 'priority')::int) FROM pg_catalog.jsonb_array_elements(g.rules) AS r
   WHERE r ->> 'serve' = $2),
  (SELECT v.version FROM strata.published_version AS v
   WHERE v.base = g.base AND v.version <> $2 AND v.state <> 'retired'
   ORDER BY v.version = g.candidate DESC NULLS LAST, v.state, v.published_at DESC, v.version_id DESC LIMIT 1)
FROM strata.gate AS g WHERE g.base = $1)",
      {SqlArg::name(version.base), SqlArg::text(version.version)});
  if (rows.empty()) return;
  const pg::SqlRow& gate = rows[0];
  const bool enabled = *gate[3] == "t";
  const auto refuse = [&](const std::string& as, const std::string& hint) {
    throw Error(sqlstate::kVersionInUse, message(version),
                fmt::format("The gate of schema \"{}\" names it as {}.", version.base, as), hint);
  };
  if (*gate[0] == version.version)
    refuse("its stable version", "Have it serve another one: " +
                                     set_gate(version, gate[5].value_or(""), *gate[2], enabled));
  if (gate[1] == version.version)
    refuse("its candidate", set_gate(version, *gate[0], *gate[2], enabled));
  if (gate[4])
    refuse(fmt::format("what its rule with priority {} serves", *gate[4]),
           call("drop_rule", version, ", " + *gate[4]));
}

void require_idle(const catalog::Version& version) {
  if (mode() == Mode::kOff) return;
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::PinnedFormats formats;
  pg::Spi spi;
  const auto watched = spi.query_now(
      kWatched, {SqlArg::int8(version.id), SqlArg::int8(pg::counters_state().lost_at)});
  if (watched.empty() || *watched[0][1] == "t") return;
  const std::string within = *watched[0][0];
  const auto clients = telemetry::with_counters([&](const std::vector<pg::Counter>& counters) {
    return telemetry::read_clients(spi, counters, version.id, within, kNamed);
  });
  const std::string unknown = why_unknown(watched[0]);
  if (clients.empty() && unknown.empty()) return;
  const std::string detail =
      clients.empty()
          ? fmt::format("Whether it was used within the last {} is not known: {}.", within, unknown)
          : fmt::format("It was used within the last {} by {}.", within, listed(clients));
  const std::string hint =
      fmt::format("{}With the approval that a drop needs: {}",
                  clients.empty() ? "" : "Have these clients use another version, and wait. ",
                  call("retire", version,
                       fmt::format(", {}, force => true", pg::quote_literal(version.version))));
  if (mode() == Mode::kEnforce)
    throw Error(sqlstate::kVersionInUse, message(version), detail, hint);
  warning(fmt::format("version \"{}\" of schema \"{}\" is retired in spite of its use",
                      version.version, version.base),
          detail, hint);
}

}  // namespace strata::version
