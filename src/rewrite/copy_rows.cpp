// Owns: the relation that shows the rows of a COPY (see copy_rows.hpp).
//
// The relation is a named tuplestore, which the parser, the planner and the executor know. When it
// has been opened, the executor's node gets another function for its next row, one that asks the
// COPY; the tuplestore stays empty. The first prototype stored all rows and read them again: that
// cost a quarter of the time and disk space for what the client sent.
#include "rewrite/copy_rows.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "commands/copy.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "utils/memutils.h"
}

namespace strata::rewrite::raw {

// By this name the executor's node finds the rows; no user can write it.
static constexpr const char* kRows = " pg_strata copy";

static TupleDesc row_shape(Relation view, List* attnums) {
  TupleDesc desc = CreateTemplateTupleDesc(list_length(attnums));
  ListCell* cell;
  foreach (cell, attnums)
    TupleDescCopyEntry(desc, static_cast<AttrNumber>(foreach_current_index(cell) + 1),
                       RelationGetDescr(view), static_cast<AttrNumber>(lfirst_int(cell)));
  return desc;
}

static void add_relation(QueryEnvironment* environment, const char* name, TupleDesc desc,
                         void* data) {
  auto* relation = static_cast<EphemeralNamedRelation>(palloc0(sizeof(EphemeralNamedRelationData)));
  relation->md.name = pstrdup(name);
  relation->md.tupdesc = desc;
  relation->md.enrtype = ENR_NAMED_TUPLESTORE;
  relation->md.enrtuples = 1000;
  relation->reldata = data;
  register_ENR(environment, relation);
}

CopyRows* open_rows(Relation view, List* attnums, QueryEnvironment* environment) {
  auto* rows = static_cast<CopyRows*>(palloc0(sizeof(CopyRows)));
  const auto natts = static_cast<size_t>(Max(RelationGetDescr(view)->natts, 1));
  rows->attnums = attnums;
  rows->desc = row_shape(view, attnums);
  rows->values = static_cast<Datum*>(palloc(sizeof(Datum) * natts));
  rows->nulls = static_cast<bool*>(palloc(sizeof(bool) * natts));
  rows->store = tuplestore_begin_heap(false, false, work_mem);
  add_relation(environment, RelationGetRelationName(view), rows->desc, rows->store);
  add_relation(environment, kRows, rows->desc, rows);
  return rows;
}

CopyRows* rows_of(const EState* estate) {
  return static_cast<CopyRows*>(get_ENR(estate->es_queryEnv, kRows)->reldata);
}

bool reads_rows(const QueryDesc* statement) {
  return statement->queryEnv != nullptr && get_ENR(statement->queryEnv, kRows) != nullptr;
}

static void tell_line(void* arg) {
  auto* rows = static_cast<CopyRows*>(arg);
  if (rows->about_line) CopyFromErrorCallback(rows->state);
}

void begin_rows(CopyRows* rows, CopyFromState state, bool defaults) {
  rows->state = state;
  if (!defaults) state->num_defaults = 0;
}

// Reads the next row into values and nulls. The memory context must be that of `context`.
static bool read_row(CopyRows* rows, ExprContext* context) {
  while (!rows->ended) {
    rows->about_line = true;
    if (!NextCopyFrom(rows->state, context, rows->values, rows->nulls))
      rows->ended = true;
    else if (!strata_compat_copy_skipped(rows->state))
      return true;
    else
      ResetExprContext(context);
    CHECK_FOR_INTERRUPTS();
  }
  rows->about_line = false;
  return false;
}

static void take_row(const CopyRows* rows, Datum* values, bool* nulls) {
  int at = 0;
  ListCell* cell;
  foreach (cell, rows->attnums) {
    values[at] = rows->values[lfirst_int(cell) - 1];
    nulls[at++] = rows->nulls[lfirst_int(cell) - 1];
  }
}

// A row lives in the node's memory for one row, which ExecScan empties before it asks for the next.
static TupleTableSlot* next_row(ScanState* node) {
  CopyRows* rows = rows_of(node->ps.state);
  TupleTableSlot* slot = node->ss_ScanTupleSlot;
  ExprContext* context = node->ps.ps_ExprContext;
  ExecClearTuple(slot);
  MemoryContext before = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
  const bool more = read_row(rows, context);
  MemoryContextSwitchTo(before);
  if (!more) return slot;
  take_row(rows, slot->tts_values, slot->tts_isnull);
  return ExecStoreVirtualTuple(slot);
}

static bool recheck_row(ScanState*, TupleTableSlot*) {
  return true;
}

static TupleTableSlot* scan_rows(PlanState* node) {
  return ExecScan(reinterpret_cast<ScanState*>(node), next_row, recheck_row);
}

static bool redirect_walker(Node* node, int* found) {
  auto* state = reinterpret_cast<PlanState*>(node);
  if (IsA(node, NamedTuplestoreScanState)) {
    ExecSetExecProcNode(state, scan_rows);
    ++*found;
  }
  return planstate_tree_walker(state, pg::raw::as_walker(redirect_walker), found);
}

static void with_context(CopyRows* rows) {
  rows->context = {error_context_stack, tell_line, rows};
  error_context_stack = &rows->context;
}

void run_on_rows(CopyRows* rows, QueryDesc* statement) {
  int found = 0;
  redirect_walker(reinterpret_cast<Node*>(statement->planstate), &found);
  // None where the condition is known to be false. The parser lets nobody name the rows twice.
  if (found > 1) ereport(ERROR, errmsg_internal("the rows of a COPY are read %d times", found));
  with_context(rows);
  strata_compat_run(statement);
  error_context_stack = rows->context.previous;
}

template <class Body>
static void read_all(CopyRows* rows, Body body) {
  EState* estate = CreateExecutorState();
  ExprContext* context = GetPerTupleExprContext(estate);
  with_context(rows);
  for (;;) {
    ResetExprContext(context);
    MemoryContext before = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
    const bool more = read_row(rows, context);
    MemoryContextSwitchTo(before);
    if (!more) break;
    body();
  }
  error_context_stack = rows->context.previous;
  FreeExecutorState(estate);
}

void store_rows(CopyRows* rows) {
  const auto natts = static_cast<size_t>(Max(rows->desc->natts, 1));
  auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * natts));
  auto* nulls = static_cast<bool*>(palloc(sizeof(bool) * natts));
  read_all(rows, [&] {
    take_row(rows, values, nulls);
    tuplestore_putvalues(rows->store, rows->desc, values, nulls);
  });
}

void end_rows(CopyRows* rows) {
  read_all(rows, [] {});
  strata_compat_tell_skipped(rows->state);
  EndCopyFrom(rows->state);
  tuplestore_end(rows->store);
}

}  // namespace strata::rewrite::raw
