// What the short-lived workers of this library have in common: each is a process that is connected
// to one database and ends as soon as it has nothing to do, because DROP DATABASE and CREATE
// DATABASE ... TEMPLATE wait for it.
#pragma once

#include "pg/prelude.hpp"

extern "C" {
#include "postmaster/bgworker.h"
}

namespace strata::worker {

// Starts a worker in the database that runs a function of this library; its end wakes this process.
// Returns null when the server has no room for another background worker.
BackgroundWorkerHandle* start_process(Oid database, const char* function);

// Connects the worker that runs here to its database, with settings that are not those of clients.
// Raise-kind; called first.
void connect_process(Datum database);

// Begins a transaction with a snapshot, for one statement of its own. DROP EXTENSION waits for its
// end.
void begin_work();

// The same; returns the extension's table of that name, or InvalidOid where the extension is not
// created.
Oid begin_work_on(const char* table);

// Returns true between strata.pre_restore() and strata.post_restore(): what a worker writes then
// may take the numbers of what is going to be loaded. To be asked in each transaction, for the
// setting may have been made since the process connected.
bool is_being_restored();

// Commits it, and ends the process if somebody asked for that.
void commit_work();

// Takes a lock of our own on the table, which conflicts with nobody else's, until the transaction
// ends: two workers in one database (the launcher died in between) must not write the same.
// Raise-kind.
void lock_out_others(Oid table);

}  // namespace strata::worker
