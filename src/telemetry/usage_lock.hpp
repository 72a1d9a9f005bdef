// Locks on what is kept of the usage of one version, so that whoever removes it holds up the flush
// of that version only.
#pragma once

#include "pg/guard.hpp"

namespace strata::telemetry {

// Keeps everybody from adding to the usage of the version until the transaction ends. Waits as
// lock_timeout says. Several are locked in the order of their numbers.
void lock_usage(int64_t version_id);

// The same for whoever adds to it; returns false instead of waiting.
bool try_lock_usage(int64_t version_id);

}  // namespace strata::telemetry
