// Owns: the statements on strata.usage (see usage_table.hpp).
//
// In memory things have numbers; here they have names, which is what is asked for, and what is left
// of a version that was retired or of a role that was dropped.
#include "telemetry/usage_table.hpp"

#include "model/operation.hpp"
#include "settings.hpp"

namespace strata::telemetry {
namespace {

using pg::Counter;
using pg::SqlArg;

constexpr size_t kBatch = 2000;

// The counters by name, of arrays $1 to $13. Relations of a version that was retired meanwhile are
// left out; the version as a whole never is. unnest() of several arrays must not be qualified.
constexpr const char* kNamed = R"(
named AS (
  SELECT c.version_id, COALESCE(r.name, '') AS relation, COALESCE(k.column_name, '') AS column_name,
         c.operation, COALESCE(a.rolname, 'role ' || c.role::text) AS role, c.application_name,
         c.error_class, pg_catalog.sum(c.calls)::bigint AS calls, pg_catalog.sum(c.rows)::bigint AS rows,
         pg_catalog.sum(c.microseconds)::bigint AS microseconds, pg_catalog.sum(c.sessions)::bigint AS sessions,
         timestamptz '2000-01-01 00:00:00+00' + pg_catalog.min(c.first) * interval '1 microsecond' AS first_used_at,
         timestamptz '2000-01-01 00:00:00+00' + pg_catalog.max(c.last) * interval '1 microsecond' AS last_used_at
  FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
       AS c(version_id, relation_id, position, operation, role, application_name, error_class,
            calls, rows, microseconds, sessions, first, last)
  LEFT JOIN strata.published_relation AS r ON r.relation_id = c.relation_id
  LEFT JOIN strata.contract_column AS k ON k.relation_id = c.relation_id AND k.position = c.position
  LEFT JOIN pg_catalog.pg_roles AS a ON a.oid = c.role
  WHERE (c.relation_id = 0 OR r.relation_id IS NOT NULL) AND (c.position = 0 OR k.position IS NOT NULL)
  GROUP BY 1, 2, 3, 4, 5, 6, 7
))";

std::vector<SqlArg> arrays_of(const std::vector<Counter>& counters, size_t from, size_t to) {
  std::vector<int64_t> version, relation, column, calls, rows, time, sessions, first, last;
  std::vector<std::string> operation, application, error;
  std::vector<Oid> role;
  for (size_t i = from; i < to; i++) {
    const pg::CountedUse& use = counters[i].key.use;
    const pg::CounterValues& values = counters[i].values;
    version.push_back(use.version_id);
    relation.push_back(use.relation_id);
    column.push_back(use.column);
    operation.emplace_back(model::name_of(static_cast<model::Operation>(use.operation)));
    role.push_back(use.role);
    application.emplace_back(counters[i].key.application_name);
    error.emplace_back(use.error, use.error[0] == '\0' ? 0 : sizeof(use.error));
    calls.push_back(static_cast<int64_t>(values.calls));
    rows.push_back(static_cast<int64_t>(values.rows));
    time.push_back(static_cast<int64_t>(values.nanoseconds / 1000));
    sessions.push_back(static_cast<int64_t>(values.sessions));
    first.push_back(values.first);
    last.push_back(values.last);
  }
  return {SqlArg::int8s(version),   SqlArg::int8s(relation), SqlArg::int8s(column),
          SqlArg::texts(operation), SqlArg::oids(role),      SqlArg::texts(application),
          SqlArg::texts(error),     SqlArg::int8s(calls),    SqlArg::int8s(rows),
          SqlArg::int8s(time),      SqlArg::int8s(sessions), SqlArg::int8s(first),
          SqlArg::int8s(last)};
}

// Rows that somebody is removing, or that an open reset has removed, are left to them.
uint64_t remove_rows(pg::Spi& spi, const std::string& which, const std::vector<SqlArg>& args) {
  return spi.run(
      "DELETE FROM strata.usage WHERE ctid = ANY (ARRAY(SELECT u.ctid FROM strata.usage "
      "AS u " +
          which + " FOR UPDATE SKIP LOCKED))",
      args);
}

}  // namespace

void add_to_table(pg::Spi& spi, const std::vector<Counter>& counters) {
  const std::string statement = std::string("WITH ") + kNamed + R"(
INSERT INTO strata.usage AS u
SELECT p.period, p.starts_at, n.*
FROM named AS n
JOIN strata.published_version AS v ON v.version_id = n.version_id
CROSS JOIN LATERAL (VALUES ('ever', timestamptz '-infinity'),
                           ('hour', pg_catalog.date_trunc('hour', n.last_used_at, 'UTC')),
                           ('day', pg_catalog.date_trunc('day', n.last_used_at, 'UTC'))) AS p(period, starts_at)
-- In one order, always: others may write here, too.
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
ON CONFLICT (period, starts_at, version_id, relation, column_name, operation, role, application_name, error_class)
DO UPDATE SET calls = u.calls + EXCLUDED.calls, rows = u.rows + EXCLUDED.rows,
              microseconds = u.microseconds + EXCLUDED.microseconds, sessions = u.sessions + EXCLUDED.sessions,
              first_used_at = LEAST(u.first_used_at, EXCLUDED.first_used_at),
              last_used_at = GREATEST(u.last_used_at, EXCLUDED.last_used_at))";
  for (size_t from = 0; from < counters.size(); from += kBatch)
    spi.run(statement, arrays_of(counters, from, std::min(from + kBatch, counters.size())));
}

void prune_table(pg::Spi& spi) {
  (void)remove_rows(spi,
                    "WHERE u.period = 'hour' AND u.starts_at < pg_catalog.date_trunc('hour', "
                    "pg_catalog.now(), 'UTC') - pg_catalog.make_interval(hours => $1)",
                    {SqlArg::int4(stat_keep_hours())});
  const uint64_t days =
      remove_rows(spi,
                  "WHERE u.period = 'day' AND u.starts_at < pg_catalog.date_trunc('day', "
                  "pg_catalog.now(), 'UTC') - pg_catalog.make_interval(days => $1)",
                  {SqlArg::int4(stat_keep_days())});
  // Nothing of it can be that old as long as no day is.
  if (days > 0)
    (void)remove_rows(spi,
                      "WHERE u.period = 'ever' AND u.last_used_at < pg_catalog.date_trunc('day', "
                      "pg_catalog.now(), 'UTC') - pg_catalog.make_interval(days => $1)",
                      {SqlArg::int4(stat_keep_days())});
}

void bound_table(pg::Spi& spi) {
  // Without an estimate (never vacuumed nor analyzed: reltuples is -1), pages tell; a row takes
  // more than 250 bytes.
  const auto estimated = spi.query(
      "SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = 'strata.usage'::pg_catalog.regclass "
      "AND CASE WHEN c.reltuples >= 0 THEN c.reltuples ELSE "
      "pg_catalog.pg_relation_size(c.oid) / 250 END > $1",
      {SqlArg::int4(stat_rows())});
  if (estimated.empty()) return;
  // The estimate stays what it was for a while.
  const int64_t rows = std::stoll(*spi.query("SELECT pg_catalog.count(*) FROM strata.usage")[0][0]);
  if (rows <= stat_rows()) return;
  const uint64_t gone =
      remove_rows(spi, "ORDER BY u.period = 'ever', u.period = 'day', u.last_used_at LIMIT $1",
                  {SqlArg::int8(rows - int64_t{stat_rows()} * 9 / 10)});
  pg::call([&] {
    ereport(LOG,
            (errmsg("pg_strata removed %llu rows from strata.usage",
                    static_cast<unsigned long long>(gone)),
             errdetail("It had more than pg_strata.stat_rows = %d.", stat_rows()),
             errhint("SELECT application_name, count(*) FROM strata.usage GROUP BY 1 ORDER BY 2 "
                     "DESC; tells which clients use a name of their own for each session.")));
  });
}

std::vector<pg::SqlRow> read_clients(pg::Spi& spi, std::vector<Counter> counters,
                                     int64_t version_id, const std::string& within, int most) {
  std::erase_if(counters, [&](const Counter& counter) {
    return counter.key.use.version_id != version_id || counter.key.use.relation_id != 0;
  });
  std::vector<SqlArg> args = arrays_of(counters, 0, counters.size());
  args.insert(args.end(), {SqlArg::int8(version_id), SqlArg::text(within), SqlArg::int4(most)});
  return spi.query_now(std::string("WITH ") + kNamed + R"(, rows AS (
  SELECT n.role, n.application_name, n.calls, n.last_used_at, n.error_class FROM named AS n
  UNION ALL
  SELECT u.role, u.application_name, u.calls, u.last_used_at, u.error_class
  FROM strata.usage AS u WHERE u.period = 'ever' AND u.version_id = $14 AND u.relation = ''
)
SELECT r.role, r.application_name, pg_catalog.sum(r.calls)::bigint, pg_catalog.max(r.last_used_at)::text,
       pg_catalog.count(*) OVER ()
FROM rows AS r WHERE r.error_class <> 'ST'
GROUP BY r.role, r.application_name
HAVING pg_catalog.max(r.last_used_at) > pg_catalog.clock_timestamp() - $15::text::interval
ORDER BY pg_catalog.max(r.last_used_at) DESC, 1, 2 LIMIT $16)",
                       args);
}

std::vector<pg::SqlRow> read_usage(pg::Spi& spi, const std::vector<Counter>& counters, Oid role) {
  std::vector<SqlArg> args = arrays_of(counters, 0, counters.size());
  args.push_back(SqlArg::oid(role));
  return spi.query_now(std::string("WITH ") + kNamed + R"(, seen AS MATERIALIZED (
  SELECT v.version_id, v.base, v.version FROM strata.published_version AS v WHERE strata.sees_usage(v.base, $14)
), rows AS (
  SELECT n.* FROM named AS n
  UNION ALL
  SELECT u.version_id, u.relation, u.column_name, u.operation, u.role, u.application_name, u.error_class, u.calls,
         u.rows, u.microseconds, u.sessions, u.first_used_at, u.last_used_at
  FROM strata.usage AS u WHERE u.period = 'ever'
)
SELECT v.base, v.version, r.relation, r.column_name, r.operation, r.role, r.application_name, r.error_class,
       r.calls, r.rows, r.microseconds, r.sessions, r.first_used_at, r.last_used_at, v.version_id
FROM rows AS r JOIN seen AS v ON v.version_id = r.version_id)",
                       args);
}

}  // namespace strata::telemetry
