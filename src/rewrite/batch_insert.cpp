// Owns: storing rows in batches (see batch_insert.hpp). What happens to a row, and in which order,
// is what CopyFrom and CopyMultiInsertBufferFlush do (commands/copyfrom.c).
//
// The executor's INSERT stores and logs each row on its own, which costs a third of a COPY's time.
#include "rewrite/batch_insert.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/tableam.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/nodeModifyTable.h"
#include "optimizer/optimizer.h"
#include "utils/memutils.h"
}

namespace strata::rewrite::raw {

// The limits of the server's COPY.
static constexpr int kRows = 1000;
static constexpr int kBytes = 65535;

struct Batch {
  EState* estate;
  ResultRelInfo* target;
  TransitionCaptureState* captured;
  CopyRows* rows;
  BulkInsertState bulk;
  TupleTableSlot* slots[kRows];
  uint64 lines[kRows];
  int used;
  int bytes;
};

static bool has_row_triggers_before(const TriggerDesc* triggers) {
  return triggers != nullptr &&
         (triggers->trig_insert_before_row || triggers->trig_insert_instead_row);
}

static bool has_row_triggers_after(const TriggerDesc* triggers) {
  return triggers != nullptr &&
         (triggers->trig_insert_after_row || triggers->trig_insert_new_table);
}

static bool is_clean(const List* targets) {
  ListCell* cell;
  foreach (cell, targets)
    if (lfirst_node(TargetEntry, cell)->resjunk) return false;
  return true;
}

bool may_wait(const Query* query) {
  return !contain_volatile_functions_not_nextval(
      reinterpret_cast<Node*>(const_cast<Query*>(query)));
}

static bool can_batch(PlanState* top) {
  if (!IsA(top, ModifyTableState)) return false;
  auto* node = reinterpret_cast<ModifyTableState*>(top);
  auto* plan = reinterpret_cast<ModifyTable*>(top->plan);
  if (node->operation != CMD_INSERT || node->mt_nrels != 1 || !node->canSetTag ||
      plan->onConflictAction != ONCONFLICT_NONE || plan->returningLists != NIL ||
      plan->withCheckOptionLists != NIL || !is_clean(outerPlan(plan)->targetlist))
    return false;
  const ResultRelInfo* target = node->resultRelInfo;
  return target->ri_RelationDesc->rd_rel->relkind == RELKIND_RELATION &&
         !has_row_triggers_before(target->ri_TrigDesc);
}

static void store_one(const Batch* batch, TupleTableSlot* slot) {
  if (batch->target->ri_NumIndices == 0 && !has_row_triggers_after(batch->target->ri_TrigDesc))
    return;
  List* recheck = batch->target->ri_NumIndices > 0
                      ? strata_compat_insert_index_entries(batch->target, slot, batch->estate)
                      : NIL;
  ExecARInsertTriggers(batch->estate, batch->target, slot, recheck, batch->captured);
  list_free(recheck);
}

// Stores what has been gathered. Errors are about the line of their row, whose text is gone.
static void flush(Batch* batch) {
  CopyFromState state = batch->rows->state;
  const uint64 line = state->cur_lineno;
  const bool line_valid = state->line_buf_valid;
  const bool about_line = batch->rows->about_line;
  batch->rows->about_line = true;
  state->line_buf_valid = false;
  MemoryContext before = MemoryContextSwitchTo(GetPerTupleMemoryContext(batch->estate));
  table_multi_insert(batch->target->ri_RelationDesc, batch->slots, batch->used,
                     batch->estate->es_output_cid, 0, batch->bulk);
  MemoryContextSwitchTo(before);
  for (int i = 0; i < batch->used; i++) {
    state->cur_lineno = batch->lines[i];
    store_one(batch, batch->slots[i]);
    ExecClearTuple(batch->slots[i]);
  }
  batch->rows->about_line = about_line;
  state->cur_lineno = line;
  state->line_buf_valid = line_valid;
  batch->estate->es_processed += static_cast<uint64>(batch->used);
  batch->used = 0;
  batch->bytes = 0;
}

// Takes over one row of the query; the slot it came in lives only until the next.
static void gather(Batch* batch, TupleTableSlot* row) {
  Relation rel = batch->target->ri_RelationDesc;
  if (batch->slots[batch->used] == nullptr) {
    MemoryContext before = MemoryContextSwitchTo(batch->estate->es_query_cxt);
    batch->slots[batch->used] = table_slot_create(rel, &batch->estate->es_tupleTable);
    MemoryContextSwitchTo(before);
  }
  TupleTableSlot* slot = batch->slots[batch->used];
  const auto natts = static_cast<size_t>(RelationGetDescr(rel)->natts);
  slot_getallattrs(row);
  ExecClearTuple(slot);
  memcpy(slot->tts_values, row->tts_values, natts * sizeof(Datum));
  memcpy(slot->tts_isnull, row->tts_isnull, natts * sizeof(bool));
  ExecStoreVirtualTuple(slot);
  slot->tts_tableOid = RelationGetRelid(rel);
  const TupleConstr* constraints = RelationGetDescr(rel)->constr;
  if (constraints != nullptr && constraints->has_generated_stored)
    ExecComputeStoredGenerated(batch->target, batch->estate, slot, CMD_INSERT);
  if (constraints != nullptr) ExecConstraints(batch->target, slot, batch->estate);
  if (rel->rd_rel->relispartition) ExecPartitionCheck(batch->target, slot, batch->estate, true);
  ExecMaterializeSlot(slot);
  batch->lines[batch->used++] = batch->rows->state->cur_lineno;
  batch->bytes += batch->rows->state->line_buf.len;
}

// Takes the place of ExecModifyTable.
static TupleTableSlot* insert_all(PlanState* top) {
  auto* node = reinterpret_cast<ModifyTableState*>(top);
  if (node->mt_done) return nullptr;
  EState* estate = top->state;
  auto* batch = static_cast<Batch*>(MemoryContextAllocZero(estate->es_query_cxt, sizeof(Batch)));
  batch->estate = estate;
  batch->target = node->resultRelInfo;
  batch->captured = node->mt_transition_capture;
  batch->rows = rows_of(estate);
  batch->bulk = GetBulkInsertState();
  if (node->fireBSTriggers) ExecBSInsertTriggers(estate, node->rootResultRelInfo);
  node->fireBSTriggers = false;
  ExecOpenIndices(batch->target, false);
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    ResetPerTupleExprContext(estate);
    TupleTableSlot* row = ExecProcNode(outerPlanState(top));
    if (TupIsNull(row)) break;
    gather(batch, row);
    if (batch->used == kRows || batch->bytes >= kBytes) flush(batch);
  }
  if (batch->used > 0) flush(batch);
  FreeBulkInsertState(batch->bulk);
  table_finish_bulk_insert(batch->target->ri_RelationDesc, 0);
  ExecASInsertTriggers(estate, node->rootResultRelInfo, node->mt_transition_capture);
  node->mt_done = true;
  return nullptr;
}

void insert_in_batches(QueryDesc* statement) {
  if (can_batch(statement->planstate)) ExecSetExecProcNode(statement->planstate, insert_all);
}

}  // namespace strata::rewrite::raw
