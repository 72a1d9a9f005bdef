// Owns: storing rows in batches (see batch_insert.hpp). What happens to a row, and in which order,
// is what CopyFrom and CopyMultiInsertBufferFlush do (commands/copyfrom.c).
//
// The executor's INSERT stores and logs each row on its own, which costs a third of a COPY's time.
#include "rewrite/batch_insert.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/tableam.h"
#include "access/tupconvert.h"
#include "commands/trigger.h"
#include "executor/execPartition.h"
#include "executor/executor.h"
#include "executor/nodeModifyTable.h"
#include "foreign/fdwapi.h"
#include "optimizer/optimizer.h"
#include "utils/memutils.h"
}

namespace strata::rewrite::raw {

// The limits of the server's COPY.
static constexpr int kRows = 1000;
static constexpr int kBytes = 65535;

// Rows that wait for one table: the base, or one of its partitions.
struct Batch {
  ResultRelInfo* target;
  BulkInsertState bulk;
  TupleTableSlot** slots;  // room for `capacity`; those not used yet are null
  uint64* lines;           // of the input, by slot
  int capacity;
  int used;
};

// The limit of the server's COPY for tables that keep slots for their rows between batches.
static constexpr int kBatches = 32;

struct Load {
  ModifyTableState* node;
  EState* estate;
  CopyRows* rows;
  TupleTableSlot* row;  // in the shape of the base
  List* batches;        // of Batch
  int waiting;          // rows and bytes in all of them
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

static bool has_row_triggers(const TriggerDesc* triggers) {
  return has_row_triggers_before(triggers) || has_row_triggers_after(triggers);
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
  switch (target->ri_RelationDesc->rd_rel->relkind) {
    case RELKIND_RELATION:
      return !has_row_triggers_before(target->ri_TrigDesc);
    case RELKIND_PARTITIONED_TABLE:
      // Transition tables want rows in the order of the input.
      return target->ri_TrigDesc == nullptr || !target->ri_TrigDesc->trig_insert_new_table;
    default:
      return false;
  }
}

// What follows the storing of a row.
static void finish_row(const Load* load, ResultRelInfo* target, TupleTableSlot* slot) {
  if (target->ri_NumIndices == 0 && !has_row_triggers_after(target->ri_TrigDesc)) return;
  List* recheck = target->ri_NumIndices > 0
                      ? strata_compat_insert_index_entries(target, slot, load->estate)
                      : NIL;
  ExecARInsertTriggers(load->estate, target, slot, recheck, load->node->mt_transition_capture);
  list_free(recheck);
}

static void flush_batch(const Load* load, Batch* batch) {
  CopyFromState state = load->rows->state;
  MemoryContext before = MemoryContextSwitchTo(GetPerTupleMemoryContext(load->estate));
  table_multi_insert(batch->target->ri_RelationDesc, batch->slots, batch->used,
                     load->estate->es_output_cid, 0, batch->bulk);
  MemoryContextSwitchTo(before);
  for (int i = 0; i < batch->used; i++) {
    state->cur_lineno = batch->lines[i];
    finish_row(load, batch->target, batch->slots[i]);
    ExecClearTuple(batch->slots[i]);
  }
  load->estate->es_processed += static_cast<uint64>(batch->used);
  batch->used = 0;
}

static void free_batch(Batch* batch) {
  for (int i = 0; i < batch->capacity && batch->slots[i] != nullptr; i++)
    ExecDropSingleTupleTableSlot(batch->slots[i]);
  FreeBulkInsertState(batch->bulk);
  table_finish_bulk_insert(batch->target->ri_RelationDesc, 0);
  batch->target->ri_CopyMultiInsertBuffer = nullptr;
}

static void free_batches(Load* load) {
  ListCell* cell;
  foreach (cell, load->batches)
    free_batch(static_cast<Batch*>(lfirst(cell)));
  list_free_deep(load->batches);
  load->batches = NIL;
}

// Stores what has been gathered. Errors are about the line of their row, whose text is gone.
static void flush(Load* load) {
  CopyFromState state = load->rows->state;
  const uint64 line = state->cur_lineno;
  const bool line_valid = state->line_buf_valid;
  const bool about_line = load->rows->about_line;
  load->rows->about_line = true;
  state->line_buf_valid = false;
  ListCell* cell;
  foreach (cell, load->batches) {
    auto* batch = static_cast<Batch*>(lfirst(cell));
    if (batch->used > 0) flush_batch(load, batch);
  }
  load->rows->about_line = about_line;
  state->cur_lineno = line;
  state->line_buf_valid = line_valid;
  load->waiting = 0;
  load->bytes = 0;
  if (list_length(load->batches) > kBatches) free_batches(load);
}

// Returns the rows that wait for the table, in the field that the server's COPY has for the same.
static Batch* batch_for(Load* load, ResultRelInfo* target) {
  auto* batch = reinterpret_cast<Batch*>(target->ri_CopyMultiInsertBuffer);
  if (batch != nullptr) return batch;
  MemoryContext before = MemoryContextSwitchTo(load->estate->es_query_cxt);
  batch = static_cast<Batch*>(palloc0(sizeof(Batch)));
  batch->target = target;
  batch->bulk = GetBulkInsertState();
  target->ri_CopyMultiInsertBuffer = reinterpret_cast<CopyMultiInsertBuffer*>(batch);
  load->batches = lappend(load->batches, batch);
  MemoryContextSwitchTo(before);
  return batch;
}

static void make_room(const Load* load, Batch* batch) {
  MemoryContext before = MemoryContextSwitchTo(load->estate->es_query_cxt);
  if (batch->used == batch->capacity) {
    const int capacity = batch->capacity == 0 ? 64 : Min(2 * batch->capacity, kRows);
    auto* slots =
        static_cast<TupleTableSlot**>(palloc0(sizeof(void*) * static_cast<size_t>(capacity)));
    auto* lines = static_cast<uint64*>(palloc0(sizeof(uint64) * static_cast<size_t>(capacity)));
    if (batch->used > 0) {
      memcpy(slots, batch->slots, sizeof(void*) * static_cast<size_t>(batch->used));
      memcpy(lines, batch->lines, sizeof(uint64) * static_cast<size_t>(batch->used));
      pfree(batch->slots);
      pfree(batch->lines);
    }
    batch->slots = slots;
    batch->lines = lines;
    batch->capacity = capacity;
  }
  if (batch->slots[batch->used] == nullptr)
    batch->slots[batch->used] = table_slot_create(batch->target->ri_RelationDesc, nullptr);
  MemoryContextSwitchTo(before);
}

// Computes and checks what the table computes and checks of a row.
static void check_row(const Load* load, ResultRelInfo* target, TupleTableSlot* slot, bool routed) {
  Relation rel = target->ri_RelationDesc;
  slot->tts_tableOid = RelationGetRelid(rel);
  const TupleConstr* constraints = RelationGetDescr(rel)->constr;
  if (constraints != nullptr && constraints->has_generated_stored)
    ExecComputeStoredGenerated(target, load->estate, slot, CMD_INSERT);
  if (constraints != nullptr) ExecConstraints(target, slot, load->estate);
  if (rel->rd_rel->relispartition && !routed) ExecPartitionCheck(target, slot, load->estate, true);
}

// Fills a slot with the values of another of the same shape, without making a row of them yet.
static void copy_values(TupleTableSlot* to, TupleTableSlot* from) {
  const auto natts = static_cast<size_t>(to->tts_tupleDescriptor->natts);
  slot_getallattrs(from);
  ExecClearTuple(to);
  memcpy(to->tts_values, from->tts_values, natts * sizeof(Datum));
  memcpy(to->tts_isnull, from->tts_isnull, natts * sizeof(bool));
  ExecStoreVirtualTuple(to);
}

// Lets the row wait for its table, which takes it in the shape of `map`.
static void gather(Load* load, ResultRelInfo* target, const TupleConversionMap* map) {
  Batch* batch = batch_for(load, target);
  make_room(load, batch);
  TupleTableSlot* slot = batch->slots[batch->used];
  if (map != nullptr)
    slot = execute_attr_map_slot(map->attrMap, load->row, slot);
  else
    copy_values(slot, load->row);
  check_row(load, target, slot, target != load->node->resultRelInfo);
  ExecMaterializeSlot(slot);
  batch->lines[batch->used++] = load->rows->state->cur_lineno;
  load->waiting++;
  load->bytes += load->rows->state->line_buf.len;
}

// Stores one row in a partition that rows cannot wait for: its triggers may look at the table, or
// it is another server's.
static void store_now(Load* load, ResultRelInfo* target, const TupleConversionMap* map) {
  TupleTableSlot* slot = load->row;
  if (map != nullptr)
    slot = execute_attr_map_slot(map->attrMap, slot, target->ri_PartitionTupleSlot);
  slot->tts_tableOid = RelationGetRelid(target->ri_RelationDesc);
  const bool before = has_row_triggers_before(target->ri_TrigDesc);
  if (before && !ExecBRInsertTriggers(load->estate, target, slot)) return;
  check_row(load, target, slot, !before);
  if (target->ri_FdwRoutine != nullptr) {
    slot = target->ri_FdwRoutine->ExecForeignInsert(load->estate, target, slot, nullptr);
    if (slot == nullptr) return;
    slot->tts_tableOid = RelationGetRelid(target->ri_RelationDesc);
  } else {
    table_tuple_insert(target->ri_RelationDesc, slot, load->estate->es_output_cid, 0, nullptr);
  }
  finish_row(load, target, slot);
  load->estate->es_processed++;
}

// Sends the row on to where it belongs.
static void place(Load* load) {
  ModifyTableState* node = load->node;
  if (node->mt_partition_tuple_routing == nullptr)
    return gather(load, node->resultRelInfo, nullptr);
  ResultRelInfo* leaf = ExecFindPartition(
      node, node->resultRelInfo, node->mt_partition_tuple_routing, load->row, load->estate);
  const TupleConversionMap* map = strata_compat_root_to_child(leaf, load->estate);
  if (leaf->ri_FdwRoutine == nullptr && !has_row_triggers_before(leaf->ri_TrigDesc))
    return gather(load, leaf, map);
  if (load->waiting > 0 && has_row_triggers(leaf->ri_TrigDesc)) flush(load);
  store_now(load, leaf, map);
}

// Takes the place of ExecModifyTable.
static TupleTableSlot* insert_all(PlanState* top) {
  auto* node = reinterpret_cast<ModifyTableState*>(top);
  if (node->mt_done) return nullptr;
  EState* estate = top->state;
  Load load{};
  load.node = node;
  load.estate = estate;
  load.rows = rows_of(estate);
  load.row = ExecInitExtraTupleSlot(estate, RelationGetDescr(node->resultRelInfo->ri_RelationDesc),
                                    &TTSOpsVirtual);
  if (node->fireBSTriggers) ExecBSInsertTriggers(estate, node->rootResultRelInfo);
  node->fireBSTriggers = false;
  if (node->mt_partition_tuple_routing == nullptr) ExecOpenIndices(node->resultRelInfo, false);
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    ResetPerTupleExprContext(estate);
    TupleTableSlot* row = ExecProcNode(outerPlanState(top));
    if (TupIsNull(row)) break;
    copy_values(load.row, row);  // the query's own lives only until the next
    place(&load);
    if (load.waiting >= kRows || load.bytes >= kBytes) flush(&load);
  }
  if (load.waiting > 0) flush(&load);
  free_batches(&load);
  ExecASInsertTriggers(estate, node->rootResultRelInfo, node->mt_transition_capture);
  node->mt_done = true;
  return nullptr;
}

void insert_in_batches(QueryDesc* statement) {
  if (can_batch(statement->planstate)) ExecSetExecProcNode(statement->planstate, insert_all);
}

}  // namespace strata::rewrite::raw
