// What plans that are run again and again use of versions, kept with the plan.
#pragma once

#include "telemetry/use.hpp"

namespace strata::telemetry {

// As find_uses(query, role, out); read off the plan once where the plan is one that is kept.
void uses_of(const QueryDesc* query, Oid role, std::vector<pg::Increment>* out);

}  // namespace strata::telemetry
