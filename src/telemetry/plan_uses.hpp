// What statements use of versions, kept with their plans where these are run again and again.
#pragma once

#include "telemetry/use.hpp"

namespace strata::telemetry {

// What one statement uses, and where that was counted last.
struct Uses {
  Oid role = InvalidOid;
  std::vector<pg::CountedUse> uses;
  pg::CountedAt place;
  int statements = 0;  // under way, that will be counted by it
};

// Returns what the plan uses where that is kept, with the role; else reads it off the plan into
// `own` and returns that. Good until the next statement of this session has begun and this one has
// ended. Raises what find_uses raises.
Uses* uses_of(const QueryDesc* query, Oid role, Uses* own);

}  // namespace strata::telemetry
