// The worker that writes what clients of one database have used of versions into strata.usage.
#pragma once

#include "worker/process.hpp"

namespace strata::worker {

// Starts a worker in the database; its end wakes this process. Returns null when the server has no
// room for another background worker.
BackgroundWorkerHandle* start_flush(Oid database);

}  // namespace strata::worker
