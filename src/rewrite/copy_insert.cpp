// Owns: the INSERT that carries out a COPY (see copy_insert.hpp).
#include "rewrite/copy_insert.hpp"

extern "C" {
#include "access/sysattr.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "parser/analyze.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/tcopprot.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
}

namespace strata::rewrite::raw {

// INSERT INTO view (columns) OVERRIDING SYSTEM VALUE SELECT columns FROM rows WHERE ...: a COPY may
// write identity columns. The rows bear the view's name, by which the condition may call them.
static InsertStmt* insert_statement(const CopyStmt* statement, Relation view, List* inserted) {
  char* name = pstrdup(RelationGetRelationName(view));
  InsertStmt* insert = makeNode(InsertStmt);
  insert->relation = makeRangeVar(get_namespace_name(RelationGetNamespace(view)), name, -1);
  insert->override = OVERRIDING_SYSTEM_VALUE;
  SelectStmt* select = makeNode(SelectStmt);
  ListCell* cell;
  foreach (cell, inserted) {
    char* column =
        pstrdup(NameStr(TupleDescAttr(RelationGetDescr(view), lfirst_int(cell) - 1)->attname));
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

// A default is nothing that the caller inserts.
static void insert_only(Query* query, Oid view, List* listed) {
  Bitmapset* columns = nullptr;
  ListCell* cell;
  foreach (cell, listed)
    columns = bms_add_member(columns, lfirst_int(cell) - FirstLowInvalidHeapAttributeNumber);
  foreach (cell, query->rtable) {
    auto* entry = lfirst_node(RangeTblEntry, cell);
    if (entry->rtekind == RTE_RELATION && entry->relid == view)
      strata_compat_set_written_columns(query, entry, columns, nullptr);
  }
}

Insertion prepare_insertion(const PlannedStmt* planned, const char* text, Relation view,
                            const Columns* columns, QueryEnvironment* environment) {
  const auto* statement = reinterpret_cast<const CopyStmt*>(planned->utilityStmt);
  RawStmt* raw = makeNode(RawStmt);
  raw->stmt = reinterpret_cast<Node*>(insert_statement(statement, view, columns->inserted));
  raw->stmt_location = planned->stmt_location;
  raw->stmt_len = planned->stmt_len;
  Query* query = parse_analyze_fixedparams(raw, text, nullptr, 0, environment);
  if (statement->whereClause != nullptr)
    insert_only(query, RelationGetRelid(view), columns->listed);
  return {text, environment, QueryRewrite(query)};
}

QueryDesc* start_insertion(Query* query, const Insertion* insertion) {
  PlannedStmt* plan = pg_plan_query(query, insertion->text, 0, nullptr);
  PushCopiedSnapshot(GetActiveSnapshot());
  UpdateActiveSnapshotCommandId();
  QueryDesc* desc = CreateQueryDesc(plan, insertion->text, GetActiveSnapshot(), InvalidSnapshot,
                                    None_Receiver, nullptr, insertion->environment, 0);
  ExecutorStart(desc, 0);
  return desc;
}

uint64 finish_insertion(QueryDesc* desc) {
  ExecutorFinish(desc);
  const uint64 count = desc->plannedstmt->canSetTag ? desc->estate->es_processed : 0;
  ExecutorEnd(desc);
  FreeQueryDesc(desc);
  PopActiveSnapshot();
  CommandCounterIncrement();
  return count;
}

}  // namespace strata::rewrite::raw
