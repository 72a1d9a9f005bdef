// What a DDL statement does, as facts: what it locks, rewrites, reads, drops, breaks. Plain C++, no
// server.
//
// Filled by ddl/facts*.cpp before anything runs; made into hazards by model/hazard. Facts are no
// judgement: that an object is new, temporary, empty or small is said here and weighed there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strata::model {

// Lock modes of relations, numbered as the server does (storage/lockdefs.h).
enum class Lock : unsigned char {
  None,
  AccessShare,
  RowShare,
  RowExclusive,
  ShareUpdateExclusive,
  Share,
  ShareRowExclusive,
  Exclusive,
  AccessExclusive
};

// Returns the name that pg_locks shows, as "AccessExclusiveLock"; empty for None.
std::string_view name(Lock lock);

// What others cannot do while the lock is held.
enum class Blocks : unsigned char { Nothing, Writes, ReadsAndWrites };
Blocks blocks(Lock lock);

// What a statement does to one relation that was there before, or that it makes.
struct RelationFacts {
  uint32_t oid = 0;     // 0: an earlier statement of the same text makes it
  uint32_t schema = 0;  // 0: none yet
  std::string name;     // qualified and quoted
  Lock lock = Lock::None;
  bool rewritten = false;  // gets new files
  bool scanned = false;    // all of it is read, or an index over all of it is built
  bool emptied = false;    // TRUNCATE
  bool named = false;      // the statement names it
  bool is_new = false;     // made in this transaction, or by an earlier statement of the text
  bool is_temp = false;
  bool is_index = false;
  bool is_empty = false;  // a table certainly without rows, with all that inherits from it and all
                          // it is a partition of; or an index of one
  int64_t bytes = 0;  // on disk: an index its own, a table with its TOAST and what inherits from it
                      // left out; 0: certainly without rows, -1: unknown
};

// An object that the statement removes, whether it names it or not.
struct DroppedObject {
  uint32_t classid = 0;
  uint32_t objid = 0;
  int32_t subid = 0;
  uint32_t schema = 0;      // 0: in none
  uint32_t table = 0;       // the relation it is on, as an index or a trigger; 0: on none
  std::string type;         // as pg_identify_object: "table", "table column", ...
  std::string identity;     // likewise
  bool holds_data = false;  // rows or values that nothing can compute again
  bool by_cascade = false;  // only CASCADE takes it along, or the statement names no object at all
  bool is_part = false;     // of another one in the list: a row type, a TOAST table, a default
  bool is_new = false;
  bool is_temp = false;
  int64_t bytes = 0;  // of the table it is, or is a column of; as above
};

enum class Reversibility : unsigned char { Reversible, Partly, Irreversible };

struct StatementFacts {
  std::string command;  // the command tag, as "ALTER TABLE"
  std::string object;   // what it is about, qualified; several with ", "; empty: no object

  std::vector<RelationFacts> relations;  // each relation once, with its strongest lock
  std::vector<DroppedObject> drops;      // the closure
  std::vector<uint32_t> schemas;  // of what it names that is no relation: types, functions, schemas

  bool may_lose_values = false;   // converts values by a way that can lose some of them
  bool latent_loss = false;       // makes a later crash or DELETE lose rows
  bool breaks_readers = false;    // queries that worked fail, or mean something else
  bool breaks_writers = false;    // writes that worked fail, or mean something else
  bool integrity_loss = false;    // a rule about the data is no longer enforced
  bool exposure = false;          // somebody may see or do more on data than before
  bool privilege = false;         // roles, owners, or whose rights code runs with
  bool control_plane = false;     // what guards others: the guard itself, settings, event triggers
  bool creates_only = false;      // adds objects or properties and takes nothing from anybody
  bool transactional = true;      // false: commits in between, or cannot be rolled back
  bool analyzable = true;         // false: runs what only running it shows
  bool holds_lock = false;        // the lock is the purpose (LOCK TABLE)
  bool has_lock_timeout = false;  // lock_timeout is set for it
  Reversibility reversibility = Reversibility::Reversible;

  std::vector<std::string> breaks_versions;  // published versions it would break, sorted

  // Returns the strongest lock that others could wait for: not on what is new or temporary.
  Lock strongest_lock() const;

  // Returns what the statement keeps others from doing.
  Blocks blocks() const { return model::blocks(strongest_lock()); }

  // Returns the names of what gets new files, and of what is read as a whole.
  std::vector<std::string> rewrites() const;
  std::vector<std::string> scans() const;

  // Returns the bytes of everything that is rewritten, scanned, emptied or dropped; the largest
  // number when some of it is unknown.
  int64_t bytes_touched() const;
};

}  // namespace strata::model
