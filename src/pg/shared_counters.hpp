// Counters of what clients use of versions, in shared memory: from the sessions to the tables.
//
// Scope: shared memory of the server, as long as it runs; kept in a file across a clean stop. Two
// stages, both of a size fixed at the start. A session counts in a block of its own
// (counter_blocks.cpp), so that counting waits for nobody. What is in the blocks moves into one
// table, by key, whenever somebody looks: the worker that writes it into strata.usage, or whoever
// reads the views. When the table is full the counters that were used the longest ago go, and are
// counted as evicted.
//
// Plain memory of the start, not DSA: it cannot run out later, in the middle of a client's
// statement.
#pragma once

#include "pg/prelude.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace strata::pg {

// What is counted, within a database and for an application_name. Compared as bytes: no padding.
struct CountedUse {
  int64_t version_id;
  int64_t relation_id;  // in strata.published_relation; 0: of the statement as a whole
  Oid role;
  int16_t column;     // of the version view; 0: of the relation as a whole
  uint8_t operation;  // model/operation.hpp
  uint8_t unused;
  char error[2];  // class of the SQLSTATE; zeros: none
  char unused_too[6];
};
static_assert(sizeof(CountedUse) == 32);

struct CounterValues {
  uint64_t calls;
  uint64_t rows;
  uint64_t nanoseconds;
  uint64_t sessions;
  TimestampTz first;
  TimestampTz last;
};

struct CounterKey {
  CountedUse use;
  Oid database;
  uint32_t unused;
  char application_name[NAMEDATALEN];
};
static_assert(sizeof(CounterKey) == sizeof(CountedUse) + 8 + NAMEDATALEN);

struct Counter {
  CounterKey key;
  CounterValues values;
  uint64_t born;  // differs from that of another counter that had the key before or after it
};

// Where a session has counted the same uses before; whoever counts them again keeps it.
struct CountedAt {
  uint64_t generation = 0;
  uint32_t index = 0;
};

struct CountersState {
  int capacity;
  int counters;
  uint64_t evicted;     // counters whose numbers are lost, since the server started
  TimestampTz lost_at;  // when the last was lost that tells of a use of a version; 0: never
  uint64_t bytes;       // of shared memory, all in all
};

// Asks for the shared memory and attaches to it, keeping the hooks that were there. Called once
// from _PG_init; `capacity` is the number of counters.
void install_shared_counters(int capacity);

// --- for sessions: nothing here raises ---

// Returns false when there is no such shared memory.
bool counters_exist() noexcept;

// Adds the values to the counters of all the uses, as those of this session's database and of the
// application_name; rows, time and sessions to those of statements as a whole.
void add_counts(const std::vector<CountedUse>& uses, const CounterValues& values,
                const char* application_name, CountedAt* place) noexcept;

// Returns true when the uses have been counted there and nobody has looked since.
bool is_counted_at(const CountedAt& place) noexcept;

// Returns a number that changes when counters were reset, so that sessions count themselves anew.
uint64_t counter_resets() noexcept;

// --- for whoever reads or writes them down ---

// Returns the counters of the database as they are now, also those of sessions at work. Raises
// bad_alloc only.
std::vector<Counter> copy_counters(Oid database);

// Takes off what was copied and is in a table now.
void subtract_counters(const std::vector<Counter>& written) noexcept;

// Removes the counters of the database, or of one of its versions (version_id 0: all).
void discard_counters(Oid database, int64_t version_id) noexcept;

// The same, and has all sessions count themselves anew.
void reset_counters(Oid database, int64_t version_id) noexcept;

// Tells readers that counters are about to be in the table as well as here, until told that no
// longer.
void begin_moving_counters() noexcept;
void end_moving_counters() noexcept;

// Returns a number that stays the same as long as no counters move, after having waited for those
// that do (for a second at most).
uint64_t counters_moved();

// Returns zeros when there are none.
CountersState counters_state() noexcept;

// --- flushes: the worker's writing of a database's counters into its table ---

// Asks for a flush at once; returns its number, to be compared with flushes_served. 0: too many
// databases ask.
uint64_t ask_for_flush(Oid database) noexcept;

// Returns the number of the last flush that was asked for, for flush_done.
uint64_t flush_asked(Oid database) noexcept;

// Says that one has been done which began after that number had been given.
void flush_done(Oid database, uint64_t number) noexcept;

// Returns the number up to which flushes have been done.
uint64_t flushes_served(Oid database) noexcept;

// --- for the launcher ---

// A database with counters, or one for which a flush was asked.
struct CountingDatabase {
  Oid database;
  uint64_t flushes;  // done so far
  bool urgent;       // asked for, and not done yet
};

// Makes sessions wake this process when they count something while nothing waits, until it exits.
void wake_me_for_counters();

// Returns the databases that have something to flush. When there is none, the next session to count
// wakes the launcher. Raises bad_alloc only.
std::vector<CountingDatabase> counting_databases();

}  // namespace strata::pg
