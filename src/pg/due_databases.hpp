// When which database wants a visit of a worker, in shared memory: from sessions and workers to the
// launcher.
//
// Scope: shared memory of the server, as long as it runs; empty again after each start, when the
// launcher visits every database once. Of a size fixed at the start: a database that finds no room
// is told so.
#pragma once

#include "pg/prelude.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace strata::pg {

struct DueDatabase {
  Oid database;
  TimestampTz at;   // when it wants to be visited
  uint64_t visits;  // that have come to their end
};

// How many databases can be due at a time.
constexpr int kDueDatabases = 1024;

// Asks for the shared memory and attaches to it, keeping the hooks that were there. Called once
// from _PG_init.
void install_due_databases();

// Asks for a visit of the database now, and wakes the launcher. Returns false when there is no
// room, or no shared memory because the library was not loaded at the start.
bool ask_for_visit(Oid database) noexcept;

// --- for the worker ---

// Returns a number that changes with every visit that is asked for.
uint64_t visits_asked(Oid database) noexcept;

// Says that a visit has come to its end, and when the next one is due; DT_NOEND: when somebody
// asks. `asked`: visits_asked() when it began; where it is another one now, the next visit is due
// at once.
void end_visit(Oid database, uint64_t asked, TimestampTz next) noexcept;

// --- for the launcher ---

// Makes ask_for_visit and end_visit wake this process, until it exits.
void wake_me_for_visits();

// Returns the databases that want a visit, those first that want it first. Raises bad_alloc only.
std::vector<DueDatabase> due_databases();

// The database is not there any more.
void forget_visits(Oid database) noexcept;

}  // namespace strata::pg
