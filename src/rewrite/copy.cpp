// Owns: COPY into and out of version views (see copy.hpp).
//
// The server copies into a view only row by row, through a trigger. Here its own reader of the COPY
// formats fills a tuplestore, and INSERT INTO view SELECT FROM the tuplestore does the rest.
#include "rewrite/copy.hpp"

#include "catalog/registry.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "commands/copy.h"
#include "commands/copyfrom_internal.h"
#include "commands/defrem.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "parser/analyze.h"
#include "parser/parse_node.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/queryenvironment.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"
}

namespace strata::rewrite {
namespace raw {

// What DoCopy asks of whoever reads files of the server.
static void check_source(const CopyStmt* statement) {
  if (statement->filename == nullptr) return;
  const Oid role =
      statement->is_program ? ROLE_PG_EXECUTE_SERVER_PROGRAM : ROLE_PG_READ_SERVER_FILES;
  if (has_privs_of_role(GetUserId(), role)) return;
  ereport(
      ERROR,
      (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
       statement->is_program ? errmsg("permission denied to COPY to or from an external program")
                             : errmsg("permission denied to COPY from a file"),
       errdetail("Only roles with privileges of the \"%s\" role may do so.",
                 GetUserNameFromId(role, false)),
       errhint("Anyone can COPY to stdout or from stdin. psql's \\copy command also works for "
               "anyone.")));
}

static void check_options(const CopyStmt* statement) {
  ListCell* cell;
  foreach (cell, statement->options) {
    auto* option = lfirst_node(DefElem, cell);
    if (strcmp(option->defname, "freeze") == 0 && defGetBoolean(option))
      ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                      errmsg("cannot perform COPY FREEZE on a version view"),
                      errhint("Copy into the base table.")));
  }
}

// Returns true when the base generates the column, so that a COPY of all columns leaves it out.
static bool is_generated(Relation base, const Query* query, int column) {
  auto* entry = static_cast<TargetEntry*>(list_nth(query->targetList, column - 1));
  if (!IsA(entry->expr, Var)) return false;
  const AttrNumber attnum = reinterpret_cast<Var*>(entry->expr)->varattno;
  return attnum > 0 && TupleDescAttr(RelationGetDescr(base), attnum - 1)->attgenerated != '\0';
}

// Returns the names of the columns to copy, as the statement or, where it has none, the view says.
static List* column_list(const CopyStmt* statement, Relation view, Oid base_oid) {
  if (statement->attlist != NIL) return static_cast<List*>(copyObjectImpl(statement->attlist));
  Relation base = OidIsValid(base_oid) ? table_open(base_oid, statement->is_from ? RowExclusiveLock
                                                                                 : AccessShareLock)
                                       : nullptr;
  List* out = NIL;
  for (int column = 1; column <= RelationGetDescr(view)->natts; column++)
    if (base == nullptr || !is_generated(base, get_view_query(view), column))
      out = lappend(
          out,
          makeString(pstrdup(NameStr(TupleDescAttr(RelationGetDescr(view), column - 1)->attname))));
  if (base != nullptr) table_close(base, NoLock);
  return out;
}

// The server copies tables and queries out, but no views: COPY (SELECT columns FROM view) it can.
static CopyStmt* copy_of_query(CopyStmt* statement, Oid view_oid, Oid base) {
  Relation view = table_open(view_oid, AccessShareLock);
  SelectStmt* select = makeNode(SelectStmt);
  ListCell* cell;
  foreach (cell, column_list(statement, view, base)) {
    ColumnRef* ref = makeNode(ColumnRef);
    ref->fields = list_make1(makeString(strVal(lfirst(cell))));
    ref->location = -1;
    ResTarget* target = makeNode(ResTarget);
    target->val = reinterpret_cast<Node*>(ref);
    target->location = -1;
    select->targetList = lappend(select->targetList, target);
  }
  select->fromClause = list_make1(makeRangeVar(get_namespace_name(RelationGetNamespace(view)),
                                               pstrdup(RelationGetRelationName(view)), -1));
  table_close(view, NoLock);
  auto* out = static_cast<CopyStmt*>(copyObjectImpl(statement));
  out->relation = nullptr;
  out->attlist = NIL;
  out->query = reinterpret_cast<Node*>(select);
  return out;
}

static void check_rights(Relation view, List* columns) {
  const Oid relid = RelationGetRelid(view);
  if (pg_class_aclcheck(relid, GetUserId(), ACL_INSERT) == ACLCHECK_OK) return;
  ListCell* cell;
  foreach (cell, columns)
    if (pg_attribute_aclcheck(relid, get_attnum(relid, strVal(lfirst(cell))), GetUserId(),
                              ACL_INSERT) != ACLCHECK_OK)
      aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_VIEW, RelationGetRelationName(view));
  if (columns == NIL) aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_VIEW, RelationGetRelationName(view));
}

// The rows that were read: a tuplestore of the columns copied, under a name that only the statement
// that inserts them can see.
struct Rows {
  Tuplestorestate* store;
  TupleDesc desc;
  uint64 count;
};

static TupleDesc row_shape(Relation view, List* attnums) {
  TupleDesc desc = CreateTemplateTupleDesc(list_length(attnums));
  ListCell* cell;
  foreach (cell, attnums)
    TupleDescCopyEntry(desc, static_cast<AttrNumber>(foreach_current_index(cell) + 1),
                       RelationGetDescr(view), static_cast<AttrNumber>(lfirst_int(cell)));
  return desc;
}

static Rows read_rows(CopyFromState state, Relation view) {
  const auto natts = static_cast<size_t>(RelationGetDescr(view)->natts);
  Rows rows{tuplestore_begin_heap(false, false, work_mem), row_shape(view, state->attnumlist), 0};
  auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * Max(natts, 1)));
  auto* nulls = static_cast<bool*>(palloc(sizeof(bool) * Max(natts, 1)));
  auto* kept = static_cast<Datum*>(palloc(sizeof(Datum) * Max(natts, 1)));
  auto* kept_nulls = static_cast<bool*>(palloc(sizeof(bool) * Max(natts, 1)));
  // Columns that are not copied get their defaults from the INSERT, once.
  state->num_defaults = 0;
  EState* estate = CreateExecutorState();
  ExprContext* context = GetPerTupleExprContext(estate);
  ErrorContextCallback callback;
  callback.callback = CopyFromErrorCallback;
  callback.arg = state;
  callback.previous = error_context_stack;
  error_context_stack = &callback;
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    ResetPerTupleExprContext(estate);
    MemoryContext before = MemoryContextSwitchTo(GetPerTupleMemoryContext(estate));
    const bool more = NextCopyFrom(state, context, values, nulls);
    MemoryContextSwitchTo(before);
    if (!more) break;
    if (strata_compat_copy_skipped(state)) continue;
    int at = 0;
    ListCell* cell;
    foreach (cell, state->attnumlist) {
      kept[at] = values[lfirst_int(cell) - 1];
      kept_nulls[at++] = nulls[lfirst_int(cell) - 1];
    }
    tuplestore_putvalues(rows.store, rows.desc, kept, kept_nulls);
    rows.count++;
  }
  error_context_stack = callback.previous;
  FreeExecutorState(estate);
  return rows;
}

// INSERT INTO view (columns) OVERRIDING SYSTEM VALUE SELECT columns FROM rows WHERE ...: a COPY may
// write identity columns. The rows bear the view's name, by which the condition may call them.
static InsertStmt* insert_statement(const CopyStmt* statement, Relation view, List* columns) {
  char* name = pstrdup(RelationGetRelationName(view));
  InsertStmt* insert = makeNode(InsertStmt);
  insert->relation = makeRangeVar(get_namespace_name(RelationGetNamespace(view)), name, -1);
  insert->override = OVERRIDING_SYSTEM_VALUE;
  SelectStmt* select = makeNode(SelectStmt);
  ListCell* cell;
  foreach (cell, columns) {
    char* column = strVal(lfirst(cell));
    ResTarget* target = makeNode(ResTarget);
    target->name = column;
    target->location = -1;
    insert->cols = lappend(insert->cols, target);
    ColumnRef* ref = makeNode(ColumnRef);
    ref->fields = list_make2(makeString(name), makeString(column));
    ref->location = -1;
    ResTarget* source = makeNode(ResTarget);
    source->val = reinterpret_cast<Node*>(ref);
    source->location = -1;
    select->targetList = lappend(select->targetList, source);
  }
  select->fromClause = list_make1(makeRangeVar(nullptr, name, -1));
  select->whereClause = static_cast<Node*>(copyObjectImpl(statement->whereClause));
  insert->selectStmt = reinterpret_cast<Node*>(select);
  return insert;
}

static QueryEnvironment* environment_of(Relation view, const Rows* rows) {
  EphemeralNamedRelation named =
      static_cast<EphemeralNamedRelation>(palloc0(sizeof(EphemeralNamedRelationData)));
  named->md.name = pstrdup(RelationGetRelationName(view));
  named->md.tupdesc = rows->desc;
  named->md.enrtype = ENR_NAMED_TUPLESTORE;
  named->md.enrtuples = static_cast<double>(rows->count);
  named->reldata = rows->store;
  QueryEnvironment* environment = create_queryEnv();
  register_ENR(environment, named);
  return environment;
}

static uint64 execute(Query* query, const char* text, QueryEnvironment* environment) {
  uint64 count = 0;
  ListCell* cell;
  foreach (cell, QueryRewrite(query)) {
    auto* rewritten = lfirst_node(Query, cell);
    if (rewritten->commandType == CMD_UTILITY) continue;
    PlannedStmt* plan = pg_plan_query(rewritten, text, CURSOR_OPT_PARALLEL_OK, nullptr);
    CommandCounterIncrement();
    PushCopiedSnapshot(GetActiveSnapshot());
    UpdateActiveSnapshotCommandId();
    QueryDesc* desc = CreateQueryDesc(plan, text, GetActiveSnapshot(), InvalidSnapshot,
                                      None_Receiver, nullptr, environment, 0);
    ExecutorStart(desc, 0);
    strata_compat_run(desc);
    ExecutorFinish(desc);
    if (plan->canSetTag) count = desc->estate->es_processed;
    ExecutorEnd(desc);
    FreeQueryDesc(desc);
    PopActiveSnapshot();
  }
  return count;
}

static uint64 copy_from(CopyStmt* statement, Oid view_oid, Oid base, const char* text) {
  check_source(statement);
  check_options(statement);
  Relation view = table_open(view_oid, RowExclusiveLock);
  if (XactReadOnly) PreventCommandIfReadOnly("COPY FROM");
  List* columns = column_list(statement, view, base);
  ParseState* pstate = make_parsestate(nullptr);
  pstate->p_sourcetext = text;
  CopyFromState state = BeginCopyFrom(pstate, view, nullptr, statement->filename,
                                      statement->is_program, nullptr, columns, statement->options);
  check_rights(view, columns);
  Rows rows = read_rows(state, view);
  EndCopyFrom(state);

  QueryEnvironment* environment = environment_of(view, &rows);
  RawStmt* raw = makeNode(RawStmt);
  raw->stmt = reinterpret_cast<Node*>(insert_statement(statement, view, columns));
  Query* query = parse_analyze_fixedparams(raw, text, nullptr, 0, environment);
  const uint64 count = execute(query, text, environment);
  tuplestore_end(rows.store);
  table_close(view, NoLock);
  return count;
}

}  // namespace raw

Oid copied_view(const Node* statement) {
  if (!IsA(statement, CopyStmt)) return InvalidOid;
  const auto* copy = reinterpret_cast<const CopyStmt*>(statement);
  if (copy->relation == nullptr) return InvalidOid;
  const catalog::VersionView* view = catalog::registry().view(pg::resolve(copy->relation));
  if (view == nullptr || (copy->is_from && !OidIsValid(view->base))) return InvalidOid;
  return view->view;
}

CopyStmt* copy_of_query(CopyStmt* statement, Oid view) {
  const Oid base = catalog::registry().view(view)->base;
  return pg::call([&] { return raw::copy_of_query(statement, view, base); });
}

uint64_t copy_from(CopyStmt* statement, Oid view, const char* text) {
  const Oid base = catalog::registry().view(view)->base;
  return pg::call([&] { return raw::copy_from(statement, view, base, text); });
}

}  // namespace strata::rewrite
