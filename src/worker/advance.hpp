// The worker that lets the rollouts of one database go on.
#pragma once

#include "worker/process.hpp"

namespace strata::worker {

// Starts a worker in the database; its end wakes this process. Returns null when the server has no
// room for another background worker.
BackgroundWorkerHandle* start_advance(Oid database);

}  // namespace strata::worker
