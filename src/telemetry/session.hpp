// What this session's statements use of versions, from their start to when they are counted.
//
// Owns: the statements under way. Scope: backend. A statement is counted once, when it has ended:
// by itself, or with its (sub)transaction. It has failed when it was running then; else it is a
// cursor that nobody closed.
#pragma once

#include "telemetry/plan_uses.hpp"

extern "C" {
#include "access/xact.h"
#include "portability/instr_time.h"
}

namespace strata::telemetry {

// A statement under way that uses a version.
struct Statement {
  Statement* outer = nullptr;  // the one that was begun before it
  const QueryDesc* query = nullptr;
  SubTransactionId subtransaction = 0;
  bool running = false;           // the executor is at work on it
  SubTransactionId works_in = 0;  // ... and began to be in this one
  int sqlstate = 0;  // of the last error that was raised while it ran, also if somebody caught it
  uint64_t rows = 0;
  bool timed = false;  // ... and since when, is known
  instr_time begun;
  int64_t nanoseconds = 0;
  Uses* uses = nullptr;
  Uses own;  // where the plan does not keep them
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

// Says that the executor begins to work on the statement, and that it has ended without an error.
// Setting a statement up is not timed: it would cost as much again to look at the clock.
inline void begin_work(Statement* statement, bool timed) noexcept {
  statement->running = true;
  statement->works_in = GetCurrentSubTransactionId();
  statement->timed = timed;
  if (timed) INSTR_TIME_SET_CURRENT(statement->begun);
}
inline void end_work(Statement* statement) noexcept {
  statement->running = false;
  if (!statement->timed) return;
  instr_time now;
  INSTR_TIME_SET_CURRENT(now);
  INSTR_TIME_SUBTRACT(now, statement->begun);
  statement->nanoseconds += static_cast<int64_t>(INSTR_TIME_GET_DOUBLE(now) * 1e9);
}

// Counts a statement that has ended. The pointer is void.
void count(Statement* statement) noexcept;

// Counts a statement that could not be planned.
void count_unplanned(const Query* query, const catalog::Registry& registry, int sqlstate) noexcept;

// Installs the callbacks that count what a transaction leaves. Called once from _PG_init.
void watch_statements();

}  // namespace strata::telemetry
