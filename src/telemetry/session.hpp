// What this session's statements use of versions, from their start to when they are counted.
//
// Owns: the statements under way. Scope: backend. A statement is counted once, when it has ended:
// well, with an error, or with its transaction (a cursor that nobody closed).
#pragma once

#include "telemetry/use.hpp"

namespace strata::telemetry {

// A statement under way that uses a version.
struct Statement {
  const QueryDesc* query = nullptr;
  SubTransactionId subtransaction = 0;
  Oid role = InvalidOid;
  uint64_t rows = 0;
  int64_t nanoseconds = 0;
  std::vector<pg::CountedUse> uses;
};

// Starts a statement; null when it uses no version. Raises what find_uses raises.
Statement* begin(const QueryDesc* query);

// Returns null for a statement that was not begun, or has been counted.
Statement* statement_of(const QueryDesc* query) noexcept;

// Counts a statement that has ended, with the SQLSTATE of its error; 0: none. The pointer is void.
void count(Statement* statement, int sqlstate) noexcept;

// Counts a statement that could not be planned.
void count_unplanned(const Query* query, const catalog::Registry& registry, int sqlstate) noexcept;

// Installs the callbacks that count what a transaction leaves. Called once from _PG_init.
void watch_statements();

}  // namespace strata::telemetry
