// Owns: the rows of strata.attempt_count (see attempt_counts.hpp).
//
// Here and not in a trigger, because rows of strata.attempt are written without SQL, and because a
// dump that is loaded must not count: what it has was refused elsewhere.
#include "worker/attempt_counts.hpp"

#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "worker/attempt_table.hpp"

extern "C" {
#include "utils/elog.h"
}

namespace strata::worker {

using pg::SqlArg;

void count_attempts(const pg::QueuedAttempt* attempts, int count, const pg::LostAttempts& lost) {
  std::vector<std::string> bases, states;
  std::vector<int64_t> kept, missing;
  for (int i = 0; i < count; i++) {
    bases.push_back(base_of(attempts[i]));
    states.emplace_back(unpack_sql_state(attempts[i].sqlstate));
    kept.push_back(1);
    missing.push_back(0);
  }
  if (lost.count > 0) {
    bases.emplace_back();
    states.emplace_back(unpack_sql_state(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED));
    kept.push_back(0);
    missing.push_back(static_cast<int64_t>(lost.count));
  }
  if (bases.empty()) return;
  const pg::ActAs owner(pg::extension_owner(), pg::ActAs::Restricted{});
  pg::Spi spi;
  // unnest() of several arrays must not be qualified.
  spi.run(
      "INSERT INTO strata.attempt_count AS c "
      "SELECT n.base::pg_catalog.name, n.sqlstate, n.missing > 0, pg_catalog.sum(n.kept + "
      "n.missing) "
      "FROM unnest($1, $2, $3, $4) AS n(base, sqlstate, kept, missing) GROUP BY 1, 2, 3 "
      "ON CONFLICT (base, sqlstate, lost) DO UPDATE SET count = c.count + EXCLUDED.count",
      {SqlArg::texts(bases), SqlArg::texts(states), SqlArg::int8s(kept), SqlArg::int8s(missing)});
}

}  // namespace strata::worker
