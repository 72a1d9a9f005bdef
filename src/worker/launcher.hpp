// The launcher: one background process of the server that sleeps until a session puts something
// into the shared queue or counts something, and then starts a short-lived worker in each database
// concerned.
//
// Scope: a process of its own. It is connected to no database, so that it keeps nobody from
// dropping or copying one; it only reads pg_database.
#pragma once

namespace strata::worker {

// Registers the launcher. Called once from _PG_init.
void register_launcher();

}  // namespace strata::worker
