// What this session's statements use of versions, from their start to when they are counted.
//
// Owns: the statements under way. Scope: backend. A statement is counted once, when it has ended:
// well, with an error, or with its transaction (a cursor that nobody closed).
#pragma once

#include "telemetry/use.hpp"

namespace strata::telemetry {

// A statement under way that uses a version.
struct Statement {
  Statement* outer = nullptr;  // the one that was begun before it
  const QueryDesc* query = nullptr;
  SubTransactionId subtransaction = 0;
  uint64_t rows = 0;
  int64_t nanoseconds = 0;
  std::vector<pg::Increment> uses;
};

// Starts a statement; null when it uses no version. Raises what find_uses raises.
Statement* begin(const QueryDesc* query);

// The statements under way, the last one first.
extern Statement* innermost;

// Returns null for a statement that was not begun, or has been counted.
inline Statement* statement_of(const QueryDesc* query) noexcept {
  Statement* at = innermost;
  while (at != nullptr && at->query != query)
    at = at->outer;
  return at;
}

// Counts a statement that has ended, with the SQLSTATE of its error; 0: none. The pointer is void.
void count(Statement* statement, int sqlstate) noexcept;

// Counts a statement that could not be planned.
void count_unplanned(const Query* query, const catalog::Registry& registry, int sqlstate) noexcept;

// Installs the callbacks that count what a transaction leaves. Called once from _PG_init.
void watch_statements();

}  // namespace strata::telemetry
