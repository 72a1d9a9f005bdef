// Owns: DEFAULT in rows of VALUES (see values.hpp). One row has no range table entry of VALUES:
// there DEFAULT stands in the target list.
#include "rewrite/values.hpp"

extern "C" {
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
}

namespace strata::rewrite::raw {

// Returns the VALUES that an entry takes its value from as it is; null when it does not.
static RangeTblEntry* values_of(const Query* query, const TargetEntry* entry) {
  if (entry->resjunk || !IsA(entry->expr, Var)) return nullptr;
  auto* var = reinterpret_cast<Var*>(entry->expr);
  if (var->varlevelsup != 0 || var->varattno < 1) return nullptr;
  RangeTblEntry* values = rt_fetch(var->varno, query->rtable);
  return values->rtekind == RTE_VALUES ? values : nullptr;
}

static bool is_stored_as_it_is(const WriteMapping* mapping, AttrNumber column) {
  for (int i = 0; i < mapping->write_count; i++)
    if (mapping->writes[i].direct == column) return true;
  return false;
}

// Replaces DEFAULT in one column of VALUES. Returns how many rows had it.
static int replace_defaults(RangeTblEntry* values, int position, Node* replacement) {
  int count = 0;
  ListCell* row;
  foreach (row, values->values_lists) {
    ListCell* item = list_nth_cell(lfirst_node(List, row), position);
    auto* node = static_cast<Node*>(lfirst(item));
    if (!IsA(node, SetToDefault)) continue;
    count++;
    auto* marker = reinterpret_cast<SetToDefault*>(node);
    lfirst(item) =
        replacement != nullptr
            ? copyObjectImpl(replacement)
            : static_cast<void*>(makeNullConst(marker->typeId, marker->typeMod, marker->collation));
  }
  return count;
}

// Adds a column to VALUES that is true in the rows that say DEFAULT at `position`.
static Node* mark_defaults(RangeTblEntry* values, int varno, int position) {
  ListCell* row;
  foreach (row, values->values_lists) {
    auto* items = lfirst_node(List, row);
    const bool is_default = IsA(list_nth(items, position), SetToDefault);
    lfirst(row) = lappend(items, makeBoolConst(is_default, false));
  }
  values->coltypes = lappend_oid(values->coltypes, BOOLOID);
  values->coltypmods = lappend_int(values->coltypmods, -1);
  values->colcollations = lappend_oid(values->colcollations, InvalidOid);
  values->eref->colnames =
      lappend(values->eref->colnames, makeString(psprintf("default_%d", position + 1)));
  return reinterpret_cast<Node*>(makeVar(
      varno, static_cast<AttrNumber>(list_length(values->coltypes)), BOOLOID, -1, InvalidOid, 0));
}

static int count_defaults(const RangeTblEntry* values, int position) {
  int count = 0;
  ListCell* row;
  foreach (row, values->values_lists)
    if (IsA(list_nth(lfirst_node(List, row), position), SetToDefault)) count++;
  return count;
}

Node** resolve_values(Query* query, const WriteMapping* mapping) {
  Node** markers = nullptr;
  List* kept = NIL;
  ListCell* cell;
  foreach (cell, query->targetList) {
    auto* entry = lfirst_node(TargetEntry, cell);
    kept = lappend(kept, entry);
    RangeTblEntry* values = values_of(query, entry);
    if (values == nullptr || entry->resno < 1 || entry->resno > mapping->columns) continue;
    auto* var = reinterpret_cast<Var*>(entry->expr);
    const int position = var->varattno - 1;
    const int count = count_defaults(values, position);
    if (count == 0) continue;
    Node* own = mapping->defaults[entry->resno - 1];
    // What the base stores as it is, it also has a default for (rewriteValuesRTE).
    if (own == nullptr && is_stored_as_it_is(mapping, entry->resno)) continue;
    if (own == nullptr && count == list_length(values->values_lists)) {
      replace_defaults(values, position, nullptr);
      kept = list_delete_last(kept);
      continue;
    }
    if (own == nullptr) {
      if (markers == nullptr)
        markers =
            static_cast<Node**>(palloc0(sizeof(Node*) * static_cast<size_t>(mapping->columns)));
      markers[entry->resno - 1] = mark_defaults(values, var->varno, position);
    }
    replace_defaults(values, position, own);
  }
  query->targetList = kept;
  return markers;
}

}  // namespace strata::rewrite::raw
