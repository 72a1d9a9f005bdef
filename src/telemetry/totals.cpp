// Owns: writing strata.usage_total (see totals.hpp).
#include "telemetry/totals.hpp"

#include "model/operation.hpp"

namespace strata::telemetry {

using pg::SqlArg;

std::map<std::pair<int64_t, int>, Sums> sums_of(const std::vector<pg::Counter>& counters) {
  std::map<std::pair<int64_t, int>, Sums> out;
  for (const pg::Counter& counter : counters) {
    const pg::CountedUse& use = counter.key.use;
    if (use.relation_id != 0) continue;
    const pg::CounterValues& values = counter.values;
    Sums& sums = out[{use.version_id, static_cast<int>(use.operation)}];
    const auto calls = static_cast<int64_t>(values.calls);
    sums.calls += calls;
    if (use.error[0] != '\0') sums.errors += calls;
    sums.rows += static_cast<int64_t>(values.rows);
    sums.microseconds += static_cast<int64_t>(values.nanoseconds / 1000);
    sums.sessions += static_cast<int64_t>(values.sessions);
    sums.last = std::max<int64_t>(sums.last, values.last);
  }
  return out;
}

void add_to_totals(pg::Spi& spi, const std::vector<pg::Counter>& counters) {
  std::vector<int64_t> version, calls, errors, rows, time, sessions, last;
  std::vector<std::string> operation;
  for (const auto& [key, sums] : sums_of(counters)) {
    version.push_back(key.first);
    operation.emplace_back(model::name_of(static_cast<model::Operation>(key.second)));
    calls.push_back(sums.calls);
    errors.push_back(sums.errors);
    rows.push_back(sums.rows);
    time.push_back(sums.microseconds);
    sessions.push_back(sums.sessions);
    last.push_back(sums.last);
  }
  if (version.empty()) return;
  // In one order, always, as they come from a map. unnest() of several arrays must not be
  // qualified.
  spi.run(
      R"(INSERT INTO strata.usage_total AS t
SELECT n.version_id, n.operation, n.calls, n.errors, n.rows, n.microseconds, n.sessions,
       timestamptz '2000-01-01 00:00:00+00' + n.last * interval '1 microsecond'
FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
     AS n(version_id, operation, calls, errors, rows, microseconds, sessions, last)
JOIN strata.published_version AS v ON v.version_id = n.version_id
ON CONFLICT (version_id, operation)
DO UPDATE SET calls = t.calls + EXCLUDED.calls, errors = t.errors + EXCLUDED.errors,
              rows = t.rows + EXCLUDED.rows, microseconds = t.microseconds + EXCLUDED.microseconds,
              sessions = t.sessions + EXCLUDED.sessions,
              last_used_at = GREATEST(t.last_used_at, EXCLUDED.last_used_at))",
      {SqlArg::int8s(version), SqlArg::texts(operation), SqlArg::int8s(calls),
       SqlArg::int8s(errors), SqlArg::int8s(rows), SqlArg::int8s(time), SqlArg::int8s(sessions),
       SqlArg::int8s(last)});
}

}  // namespace strata::telemetry
