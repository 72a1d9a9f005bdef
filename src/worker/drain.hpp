// The worker that writes what waits in the shared queue into strata.attempt, in one database.
//
// Scope: a process of its own that ends as soon as nothing waits, because DROP DATABASE and CREATE
// DATABASE ... TEMPLATE wait for it.
#pragma once

#include "pg/prelude.hpp"

extern "C" {
#include "postmaster/bgworker.h"
}

namespace strata::worker {

// Starts a worker in the database; its end wakes this process. Returns null when the server has no
// room for another background worker.
BackgroundWorkerHandle* start_drain(Oid database);

}  // namespace strata::worker
