// Owns: the session's route, and the hooks that keep it (see routing.hpp).
#include "rollout/routing.hpp"

#include "pg/default_path.hpp"
#include "pg/session.hpp"
#include "rollout/gate_copy.hpp"
#include "rollout/session.hpp"
#include "settings.hpp"

extern "C" {
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "executor/executor.h"
#include "parser/analyze.h"
#include "tcop/utility.h"
#include "utils/guc.h"
}

namespace strata::rollout {
namespace {

Session* session = nullptr;
bool started = false;
bool may_route = false;
bool route_set = false;  // and no session made for it yet

object_access_hook_type next_object_access = nullptr;
post_parse_analyze_hook_type next_analyze = nullptr;
ExecutorStart_hook_type next_start = nullptr;
ProcessUtility_hook_type next_utility = standard_ProcessUtility;

// They name everything in full, and would be sent elsewhere by names they take from nobody. That
// somebody may call itself so costs nobody but itself.
bool dumps() {
  for (const char* name : {"pg_dump", "pg_dumpall", "pg_restore", "pg_upgrade"})
    if (application_name != nullptr && strcmp(application_name, name) == 0) return true;
  return false;
}

// Goes by pg_strata.route if it was set. Sessions that never set it have nothing of ours on their
// way.
void follow_route(bool at_end) {
  if (session == nullptr) {
    if (!route_set) return;
    session = new Session(unit_setting());
    session->route_changed(route_setting());
  }
  route_set = false;
  session->follow_route(at_end);
}

// An error would refuse the connection.
void choose_first() {
  std::string problem;
  try {
    pg::Subtransaction attempt;
    follow_route(true);
    attempt.commit();
    return;
  } catch (const Error& error) {
    session = nullptr;
    problem = error.message();
  }
  warning("this session is not routed", problem);
}

// At the end of the transaction in which the server connects (InitPostgres), when all settings of
// role, database and connection are applied.
void start() {
  started = true;
  may_route = pg::serves_ordinary_client() && !dumps();
  route_set = may_route && *route_setting() != '\0';
  if (route_set) choose_first();
}

void on_transaction(XactEvent event, void*) {
  if (event == XACT_EVENT_PRE_COMMIT) {
    if (!started)
      pg::enter(start);
    else if (session != nullptr || route_set)
      pg::enter([] { follow_route(true); });
  } else if (session != nullptr && (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
                                    event == XACT_EVENT_PREPARE)) {
    session->ended();
  }
}

void on_change() noexcept {
  if (session != nullptr) session->gates_changed();
}

// Catalogs can be read: the server is about to do something with a statement.
void settle() {
  if (session != nullptr && session->is_open() && IsTransactionState())
    pg::enter([] { session->settle(); });
}

void object_access(ObjectAccessType access, Oid classid, Oid object, int subid, void* arg) {
  if (next_object_access) next_object_access(access, classid, object, subid, arg);
  if (access == OAT_DROP) note_dropped(classid);
  if (access != OAT_NAMESPACE_SEARCH || session == nullptr || !session->is_open()) return;
  auto* search = static_cast<ObjectAccessNamespaceSearch*>(arg);
  // Not for names with a schema: those are looked for where they say.
  if (search->ereport_on_violation || !search->result) return;
  search->result = pg::enter([&] { return session->searches(object); });
}

void analyzed(ParseState* state, Query* query, JumbleState* jumble) {
  settle();
  if (next_analyze) next_analyze(state, query, jumble);
}

// Drivers look at catalogs before they say whom they work for.
bool reads_tables(const PlannedStmt* plan) {
  // Not relationOids, which has constants in it.
  const ListCell* cell;
  foreach (cell, plan->rtable)
    if (static_cast<const RangeTblEntry*>(lfirst(cell))->relid >= FirstNormalObjectId) return true;
  return false;
}

void executor_start(QueryDesc* query, int flags) {
  if (session != nullptr) {
    settle();
    if (reads_tables(query->plannedstmt)) session->use();
  }
  if (next_start)
    next_start(query, flags);
  else
    standard_ExecutorStart(query, flags);
}

// Statements that do nothing by the path, or whose parts come by here themselves.
bool leaves_path_alone(const Node* statement) {
  switch (nodeTag(statement)) {
    case T_TransactionStmt:
    case T_VariableSetStmt:
    case T_VariableShowStmt:
    case T_DiscardStmt:
    case T_PrepareStmt:
    case T_ExecuteStmt:
    case T_DeallocateStmt:
    case T_FetchStmt:
    case T_ClosePortalStmt:
    case T_ListenStmt:
    case T_UnlistenStmt:
    case T_NotifyStmt:
    case T_DoStmt:
    case T_CallStmt:
      return true;
    default:
      return false;
  }
}

void utility(PlannedStmt* planned, const char* text, bool read_only_tree,
             ProcessUtilityContext context, ParamListInfo params, QueryEnvironment* environment,
             DestReceiver* destination, QueryCompletion* completion) {
  if (session != nullptr) {
    settle();
    if (!leaves_path_alone(planned->utilityStmt)) session->use();
  }
  next_utility(planned, text, read_only_tree, context, params, environment, destination,
               completion);
  if ((session != nullptr || route_set) && IsTransactionState())
    pg::enter([] { follow_route(false); });
}

}  // namespace

void route_assigned(const char* value, void*) {
  if (session != nullptr)
    session->route_changed(value);
  else
    route_set = may_route;
}

void unit_assigned(const char* value, void*) {
  if (session != nullptr) session->unit_changed(value);
}

void install_routing() {
  watch_gates(on_change);
  watch_gate_copy();
  RegisterXactCallback(on_transaction, nullptr);
  next_object_access = object_access_hook;
  object_access_hook = object_access;
  next_analyze = post_parse_analyze_hook;
  post_parse_analyze_hook = analyzed;
  next_start = ExecutorStart_hook;
  ExecutorStart_hook = executor_start;
  if (ProcessUtility_hook) next_utility = ProcessUtility_hook;
  ProcessUtility_hook = utility;
}

}  // namespace strata::rollout
