// Owns: running statements on version views (see own_statement.hpp).
//
// Not through SPI: the rights that its statements need cannot be taken back between analysis and
// execution. Plans last as long as the user's statement, which keeps the view and the base locked.
#include "rewrite/own_statement.hpp"

extern "C" {
#include "access/xact.h"
#include "executor/executor.h"
#include "executor/tstoreReceiver.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"
}

namespace strata::rewrite::raw {

struct OwnPlan {
  const char* text;
  List* plans;  // several where the base has rules
};

OwnStatement start_statement(Relation view, int values) {
  OwnStatement out{view, {}, makeParamList(values)};
  initStringInfo(&out.text);
  out.values->numParams = 0;
  return out;
}

const char* name_of(Relation view) {
  return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(view)),
                                    RelationGetRelationName(view));
}

const char* column_name(Relation view, int column) {
  return quote_identifier(NameStr(TupleDescAttr(RelationGetDescr(view), column - 1)->attname));
}

void add_value(OwnStatement* statement, HeapTuple row, int column) {
  TupleDesc desc = RelationGetDescr(statement->view);
  ParamExternData* value = &statement->values->params[statement->values->numParams++];
  value->value = heap_getattr(row, column, desc, &value->isnull);
  value->ptype = TupleDescAttr(desc, column - 1)->atttypid;
  value->pflags = 0;
  appendStringInfo(&statement->text, "$%d", statement->values->numParams);
}

// Raises an error when the write would come back to the trigger that makes it.
static void refuse_recursion(const Query* query, Relation view) {
  if (query->resultRelation == 0 ||
      rt_fetch(query->resultRelation, query->rtable)->relid != RelationGetRelid(view))
    return;
  ereport(ERROR, (errcode(sqlstate::kMappingUnresolved),
                  errmsg("cannot write through version view \"%s\"", RelationGetRelationName(view)),
                  errdetail("The write was not rewritten for its table."),
                  errhint("SELECT * FROM strata.verify();")));
}

static void check_no_rights(Query* query, Oid view) {
  ListCell* cell;
  foreach (cell, query->rtable) {
    auto* entry = lfirst_node(RangeTblEntry, cell);
    if (entry->rtekind == RTE_RELATION && entry->relid == view) strata_compat_check_nothing(entry);
  }
}

static List* plans_of(const OwnStatement* statement) {
  const int count = statement->values->numParams;
  auto* types = static_cast<Oid*>(palloc(sizeof(Oid) * static_cast<size_t>(Max(count, 1))));
  for (int i = 0; i < count; i++)
    types[i] = statement->values->params[i].ptype;
  const char* text = statement->text.data;
  auto* raw = linitial_node(RawStmt, raw_parser(text, RAW_PARSE_DEFAULT));
  Query* query = parse_analyze_fixedparams(raw, text, types, count, nullptr);
  refuse_recursion(query, statement->view);
  check_no_rights(query, RelationGetRelid(statement->view));
  return pg_plan_queries(QueryRewrite(query), text, 0, nullptr);
}

static List* kept_plans(const OwnStatement* statement, OwnPlans* plans) {
  ListCell* cell;
  foreach (cell, plans->plans) {
    const auto* kept = static_cast<const OwnPlan*>(lfirst(cell));
    if (strcmp(kept->text, statement->text.data) == 0) return kept->plans;
  }
  List* made = plans_of(statement);
  MemoryContext before = MemoryContextSwitchTo(plans->context);
  auto* kept = static_cast<OwnPlan*>(palloc(sizeof(OwnPlan)));
  kept->text = pstrdup(statement->text.data);
  kept->plans = static_cast<List*>(copyObjectImpl(made));
  plans->plans = lcons(kept, plans->plans);
  MemoryContextSwitchTo(before);
  return kept->plans;
}

static void take_first(Tuplestorestate* rows, TupleDesc shape, HeapTuple* first) {
  TupleTableSlot* slot = MakeSingleTupleTableSlot(shape, &TTSOpsMinimalTuple);
  if (tuplestore_gettupleslot(rows, true, false, slot)) *first = ExecCopySlotHeapTuple(slot);
  ExecDropSingleTupleTableSlot(slot);
}

static uint64 run_plan(PlannedStmt* plan, const OwnStatement* statement, HeapTuple* first) {
  Tuplestorestate* rows = tuplestore_begin_heap(false, false, work_mem);
  DestReceiver* receiver = CreateDestReceiver(DestTuplestore);
  SetTuplestoreDestReceiverParams(receiver, rows, CurrentMemoryContext, false, nullptr, nullptr);
  PushActiveSnapshot(GetTransactionSnapshot());
  QueryDesc* query = CreateQueryDesc(plan, statement->text.data, GetActiveSnapshot(),
                                     InvalidSnapshot, receiver, statement->values, nullptr, 0);
  ExecutorStart(query, 0);
  strata_compat_run(query);
  ExecutorFinish(query);
  const uint64 count = query->estate->es_processed;
  if (first != nullptr && plan->canSetTag) take_first(rows, query->tupDesc, first);
  ExecutorEnd(query);
  FreeQueryDesc(query);
  PopActiveSnapshot();
  receiver->rDestroy(receiver);
  tuplestore_end(rows);
  return count;
}

uint64 run(OwnStatement* statement, OwnPlans* plans, HeapTuple* first) {
  uint64 count = 0;
  ListCell* cell;
  foreach (cell, kept_plans(statement, plans)) {
    auto* plan = lfirst_node(PlannedStmt, cell);
    CommandCounterIncrement();
    if (plan->commandType == CMD_UTILITY) {
      ProcessUtility(plan, statement->text.data, true, PROCESS_UTILITY_QUERY, statement->values,
                     nullptr, None_Receiver, nullptr);
      continue;
    }
    const uint64 touched = run_plan(plan, statement, first);
    if (plan->canSetTag) count = touched;
  }
  CommandCounterIncrement();
  return count;
}

}  // namespace strata::rewrite::raw
