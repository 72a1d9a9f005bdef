// Owns: the hooks of telemetry and the gate in front of them. Scope: backend.
//
// A statement that uses no version costs a look at its range table.
#include "telemetry/hooks.hpp"

#include "catalog/registry.hpp"
#include "pg/guard.hpp"
#include "settings.hpp"
#include "telemetry/explaining.hpp"
#include "telemetry/session.hpp"

extern "C" {
#include "access/parallel.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "optimizer/planner.h"
#include "tcop/pquery.h"
}

namespace strata::telemetry {
namespace {

ExecutorStart_hook_type next_start = standard_ExecutorStart;
ExecutorRun_hook_type next_run = standard_ExecutorRun;
ExecutorFinish_hook_type next_finish = standard_ExecutorFinish;
ExecutorEnd_hook_type next_end = standard_ExecutorEnd;
planner_hook_type next_planner = standard_planner;

// Version views are views: most plans end here.
bool reads_view(const PlannedStmt* plan) {
  ListCell* cell;
  foreach (cell, plan->rtable)
    if (lfirst_node(RangeTblEntry, cell)->relkind == RELKIND_VIEW) return true;
  return false;
}

bool is_on() {
  return telemetry_on() && pg::counters_exist() && !IsParallelWorker() && IsTransactionState() &&
         OidIsValid(MyDatabaseId);
}

// What a rule adds to a statement is not the client's; what a parallel worker does, its leader
// counts.
bool is_watched(const QueryDesc* query, int flags) {
  return reads_view(query->plannedstmt) && query->plannedstmt->canSetTag &&
         (flags & EXEC_FLAG_EXPLAIN_ONLY) == 0 && is_on();
}

// Raise-kind, as all below are, but for what they enter(). Called by the server for every message
// while a statement runs; the last error before its end is what it failed with.
void note_error(void* statement) {
  const int code = geterrcode();
  if (ERRCODE_TO_CATEGORY(code) != ERRCODE_SUCCESSFUL_COMPLETION &&
      ERRCODE_TO_CATEGORY(code) != ERRCODE_WARNING)
    static_cast<Statement*>(statement)->sqlstate = code;
}

// Runs the body as work on the statement. No guard: when it raises, the end of the (sub)transaction
// counts the statement, and nothing of ours is on the stack.
template <class Body>
void watched(Statement* statement, bool timed, Body body) {
  ErrorContextCallback callback = {error_context_stack, note_error, statement};
  error_context_stack = &callback;
  begin_work(statement, timed);
  body();
  end_work(statement);
  error_context_stack = callback.previous;
}

void start(QueryDesc* query, int flags) {
  Statement* statement = nullptr;
  // Its memory was another statement's that an error left.
  if (Statement* left = statement_of(query)) count(left);
  if (is_watched(query, flags))
    pg::enter([&] {
      if (catalog::extension_exists()) statement = begin(query);
    });
  if (statement != nullptr)
    watched(statement, false, [&] { next_start(query, flags); });
  else
    next_start(query, flags);
}

// A cursor WITH HOLD that scrolls is run from its beginning when it is kept beyond its transaction
// (PersistHoldablePortal in commands/portalcmds.c): what was fetched before comes again.
bool begins_anew(const QueryDesc* query) {
  return ActivePortal != nullptr && ActivePortal->queryDesc == query &&
         ActivePortal->holdStore != nullptr &&
         (ActivePortal->cursorOptions & CURSOR_OPT_SCROLL) != 0;
}

void run(QueryDesc* query, ScanDirection direction, uint64 rows STRATA_RUN_ONCE_PARAMETER) {
  Statement* const statement = statement_of(query);
  if (statement == nullptr) return next_run(query, direction, rows STRATA_RUN_ONCE_ARGUMENT);
  watched(statement, true, [&] { next_run(query, direction, rows STRATA_RUN_ONCE_ARGUMENT); });
  if (begins_anew(query))
    statement->rows = std::max(statement->rows, query->estate->es_processed);
  else
    statement->rows += query->estate->es_processed;
}

// Nothing is left to do but for what writes.
void finish(QueryDesc* query) {
  const PlannedStmt* const plan = query->plannedstmt;
  Statement* const statement =
      plan->commandType != CMD_SELECT || plan->hasModifyingCTE ? statement_of(query) : nullptr;
  if (statement == nullptr) return next_finish(query);
  watched(statement, true, [&] { next_finish(query); });
}

void end(QueryDesc* query) {
  if (Statement* statement = statement_of(query)) count(statement);
  next_end(query);
}

// A mapping may fail as soon as a statement is planned: over constants it is computed then.
PlannedStmt* plan(Query* query, const char* text, int options, ParamListInfo params) {
  const catalog::Registry* registry = nullptr;
  if (is_on() && !explaining())
    pg::enter([&] {
      if (catalog::extension_exists() && catalog::registry().in_use())
        registry = &catalog::registry();
    });
  if (registry == nullptr) return next_planner(query, text, options, params);
  return pg::enter([&] {
    try {
      return pg::call([&] { return next_planner(query, text, options, params); });
    } catch (const Error& error) {
      count_unplanned(query, *registry, error.sqlstate());
      throw;
    }
  });
}

}  // namespace

void install_hooks() {
  watch_statements();
  watch_explain();
  if (planner_hook) next_planner = planner_hook;
  planner_hook = plan;
  if (ExecutorStart_hook) next_start = ExecutorStart_hook;
  ExecutorStart_hook = start;
  if (ExecutorRun_hook) next_run = ExecutorRun_hook;
  ExecutorRun_hook = run;
  if (ExecutorFinish_hook) next_finish = ExecutorFinish_hook;
  ExecutorFinish_hook = finish;
  if (ExecutorEnd_hook) next_end = ExecutorEnd_hook;
  ExecutorEnd_hook = end;
}

}  // namespace strata::telemetry
