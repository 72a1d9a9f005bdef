// The queue of refused and failed statements in shared memory, from the sessions to the worker that
// writes them into strata.attempt.
//
// Scope: shared memory of the server, as long as it runs; empty again after a crash, kept in a file
// across a clean stop. Written by guard/attempts.cpp, read by worker/. Its size is fixed at the
// start (pg_strata.attempts_queue): what does not fit is not taken and counted, per database. No
// session may fill more than a quarter of it, so that one that floods hides nobody else's.
//
// Everything here raises nothing, and the part for sessions waits for nobody longer than some
// milliseconds: it is called on the way out of errors.
#pragma once

#include "pg/prelude.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace strata::pg {

// One statement, as it lies in shared memory: plain data, no pointers. Texts end with a zero byte
// and never inside a character.
struct QueuedAttempt {
  uint64_t number;  // given by the queue, ascending
  TimestampTz at;
  Oid database;
  Oid session_role;
  Oid effective_role;
  Oid base;
  int32_t pid;
  int32_t sqlstate;
  uint64_t statement_length;     // of the whole statement, in bytes
  uint8_t statement_digest[32];  // SHA-256 of the whole statement
  NameData session_role_name;
  NameData application_name;
  NameData base_name;
  char client_addr[48];  // empty: a Unix socket, or no client
  char reason[512];
  char detail[1024];
  char statement[6144];  // its beginning, masked
};

// What the queue could not take from one database.
struct LostAttempts {
  Oid database;
  uint64_t count;
  TimestampTz first;
  TimestampTz last;
};

// A database with something in the queue.
struct WaitingDatabase {
  Oid database;
  uint64_t oldest;  // number of its oldest entry; 0: it has only lost ones
};

struct QueueState {
  int capacity;
  int waiting;
  uint64_t lost;  // since the server started, all databases
};

// Asks for the shared memory and attaches to it, keeping the hooks that were there. Called once
// from _PG_init; `capacity` is the number of entries.
void install_shared_queue(int capacity);

// Puts a copy of the entry into the queue and wakes the launcher. Returns false when it was not
// taken, and counts it.
bool put_attempt(const QueuedAttempt& attempt) noexcept;

// --- for the worker ---

// Makes put_attempt wake this process, until it exits.
void wake_me_for_attempts();

// Fills `out` with databases that have entries, oldest entry first; returns how many. Those that
// `size` has no room for have their turn later.
int waiting_databases(WaitingDatabase* out, int size) noexcept;

// How many entries are copied at once at most.
constexpr int kBatch = 32;

// Copies up to kBatch entries of the database, oldest first; returns how many.
int copy_attempts(Oid database, QueuedAttempt* out) noexcept;

// Removes the entries with these numbers, ascending, which are in the database's tables now.
void remove_attempts(const uint64_t* numbers, int count) noexcept;

// Returns what was lost of the database; count 0: nothing.
LostAttempts lost_attempts(Oid database) noexcept;

// Forgets what lost_attempts returned.
void forget_lost(const LostAttempts& lost) noexcept;

// Removes all entries of the database and counts them as lost; returns how many there were. `gone`:
// nobody will ever ask for lost_attempts of this database.
uint64_t discard_attempts(Oid database, bool gone) noexcept;

// Returns zeros when there is no queue.
QueueState queue_state() noexcept;

// Returns how many entries of the database wait.
int waiting_attempts(Oid database) noexcept;

}  // namespace strata::pg
