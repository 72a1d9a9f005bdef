// What is recorded, as the recorder hands it over: rows of strata.migration, strata.change and
// strata.provenance_event.
//
// Scope: transaction. What is appended is written at once, so that a rollback to a savepoint takes
// it back, and gets its place in the chain when the transaction commits (chain.hpp). The columns
// of the tables are those of the structs, by name; members without a value are NULL, and NULL
// columns are not part of the digest: a column that is added later changes no digest.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace strata::provenance {

using Text = std::optional<std::string>;
using Number = std::optional<int64_t>;

// One statement. Times are microseconds as the server's clock has them, intervals microseconds.
struct Change {
  int64_t migration_id = 0;
  std::string base;  // empty: a call that is about none
  std::string command;
  Text object;
  std::string statement;         // as it is kept: beginning, secrets masked
  int64_t statement_length = 0;  // of the full text
  std::string statement_digest;  // SHA-256 of the full text, 32 bytes; see digest_of
  std::string effective_role;
  int64_t at = 0;
  std::vector<std::string> hazards;
  Text risk;
  Text lock_mode;
  Number lock_wait;
  Number locked_at;  // a time
  Number duration;
  bool rewrote = false;
  Text before;    // JSON
  Text after;     // JSON
  Text mappings;  // JSON: of columns of versions, before and after
  std::vector<std::string> dropped;
  std::vector<std::string> versions_affected;
  Number proposal_id;
  Number override_id;
  Text window;
  Text arguments;                 // of a call of ours; JSON
  std::set<std::string> objects;  // touched, as in before and after
  std::set<uint32_t> oids;        // theirs
};

// One transaction. Its committed_at is the time of its entry in the chain.
struct Migration {
  int64_t migration_id = 0;
  Text name;
  Text base;
  Text tool;
  Text label;  // the tool's own name for the version
  std::string session_role;
  std::string effective_role;
  Text application_name;
  Text client_addr;
  Text identity;  // how the client was authenticated, and as whom
  int64_t started_at = 0;
  Text ticket;
  Text rationale;
  Text source;
  Number proposal_id;
  Number override_id;
  Text risk;
  int32_t changes = 0;
  Number part_of;  // the first migration with the same tool and label
};

// Returns a number for a migration. Numbers of transactions that roll back are not used again.
int64_t new_migration_id();

// Writes a row of strata.change; returns its change_id.
int64_t append(const Change& change);

// Writes the row of strata.migration. To be called in at_commit (chain.hpp), when all is known.
void append(const Migration& migration);

// Writes an entry of any other kind: a row of strata.provenance_event with a JSON object. A new
// kind needs nothing but a name. Returns its event_id.
int64_t append_event(const std::string& kind, const Text& base, const std::string& json);

// Returns the SHA-256 of the text, by the server's code; 32 bytes.
std::string digest_of(std::string_view text);

}  // namespace strata::provenance
