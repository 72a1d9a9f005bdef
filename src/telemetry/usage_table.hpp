// The table strata.usage: what clients used of versions, since ever, by hour and by day.
//
// Called by the worker that writes it and by the functions that read it. Nothing here asks for
// rights: the callers do.
#pragma once

#include "pg/shared_counters.hpp"
#include "pg/spi.hpp"

namespace strata::telemetry {

// Adds the counters to the table. Counters of versions that are not there any more are left out.
void add_to_table(pg::Spi& spi, const std::vector<pg::Counter>& counters);

// Removes hours and days that need not be kept any longer (pg_strata.stat_keep_hours,
// stat_keep_days).
void prune_table(pg::Spi& spi);

// Removes the oldest rows when there are more than pg_strata.stat_rows: hours first, then days,
// then what has not been used for longest. Looks at the planner's estimate of the table's size
// first.
void bound_table(pg::Spi& spi);

// Calls `read` with the counters that are in memory, until no counter has moved into the table
// meanwhile: so what it reads of the table and the counters together have each use once.
template <class Read>
std::vector<pg::SqlRow> with_counters(Read read) {
  constexpr int kTries = 20;
  std::vector<pg::SqlRow> rows;
  for (int i = 0; i < kTries; i++) {
    const uint64_t moved = pg::counters_moved();
    rows = read(pg::copy_counters(MyDatabaseId));
    if (pg::counters_moved() == moved) break;
  }
  return rows;
}

// Returns who has used a version in the time that ends now, the last one first, at most `most` of
// them: role, application_name, statements since ever, the time of the last one; and, in each row,
// how many there are. Statements that the extension refused are no use (class ST).
std::vector<pg::SqlRow> read_clients(pg::Spi& spi, std::vector<pg::Counter> counters,
                                     int64_t version_id, const std::string& within, int most);

// Returns what was used since ever, of bases whose usage the role may see: rows of the table and of
// the counters, which are not in it yet, as strata.usage_now() returns them.
std::vector<pg::SqlRow> read_usage(pg::Spi& spi, const std::vector<pg::Counter>& counters,
                                   Oid role);

}  // namespace strata::telemetry
