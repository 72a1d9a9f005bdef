// Owns: the exchange of the target relation (see retarget.hpp).
//
// What the server does for its own updatable views (rewriteTargetView), but that the assignments go
// through the mapping. As there, the view's entry stays where it is in the range table, where
// nothing refers to it any more but the check of the caller's rights, and the base comes at the
// end: a prepared statement locks the relations in this order, and the version views must come
// first, as they do for DDL and for the parser (docs/decisions/0007).
#include "rewrite/retarget.hpp"

#include "pg/view_query.hpp"
#include "rewrite/assign.hpp"
#include "rewrite/place.hpp"
#include "rewrite/values.hpp"

extern "C" {
#include "nodes/makefuncs.h"
#include "parser/analyze.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
}

namespace strata::rewrite::raw {

static List* column_names(Relation rel) {
  List* names = NIL;
  for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++) {
    Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);
    names = lappend(names, makeString(pstrdup(att->attisdropped ? "" : NameStr(att->attname))));
  }
  return names;
}

// Takes the inference elements off ON CONFLICT: those that name a column which the base has with
// the same values become the base column, which its unique index is on; the rest is put back to be
// replaced like everything else. Returns those that are done, with null for the others.
static List* infer_by_base_columns(OnConflictExpr* conflict, const WriteMapping* mapping,
                                   Relation base, int varno) {
  List* done = NIL;
  List* others = NIL;
  ListCell* cell;
  foreach (cell, conflict->arbiterElems) {
    auto* element = lfirst_node(InferenceElem, cell);
    AttrNumber key = 0;
    if (IsA(element->expr, Var)) {
      auto* var = reinterpret_cast<Var*>(element->expr);
      if (var->varattno > 0 && var->varattno <= mapping->columns)
        key = mapping->keys[var->varattno - 1];
    }
    if (key == 0) {
      others = lappend(others, element);
      continue;
    }
    Form_pg_attribute att = TupleDescAttr(RelationGetDescr(base), key - 1);
    element->expr = reinterpret_cast<Node*>(
        makeVar(varno, key, att->atttypid, att->atttypmod, att->attcollation, 0));
    done = lappend(done, element);
  }
  conflict->arbiterElems = others;
  return done;
}

static void use_excluded_of_base(Query* query, Relation base) {
  OnConflictExpr* conflict = query->onConflict;
  RangeTblEntry* excluded = rt_fetch(conflict->exclRelIndex, query->rtable);
  excluded->relid = RelationGetRelid(base);
  excluded->relkind = RELKIND_COMPOSITE_TYPE;
  excluded->eref = makeAlias("excluded", column_names(base));
  excluded->alias = makeAlias("excluded", NIL);
  strata_compat_check_nothing(excluded);
  conflict->exclRelTlist = BuildOnConflictExcludedTargetlist(base, conflict->exclRelIndex);
}

// Adds the base to the range table and makes it the target. What refers to the view's entry still
// has to be changed.
static void become_target(Query* query, Relation view, Relation base, Query* stored,
                          const RangeTblEntry* stored_entry) {
  RangeTblEntry* of_view = rt_fetch(query->resultRelation, query->rtable);
  RangeTblEntry* of_base = makeNode(RangeTblEntry);
  of_base->rtekind = RTE_RELATION;
  of_base->relid = RelationGetRelid(base);
  of_base->relkind = base->rd_rel->relkind;
  of_base->rellockmode = RowExclusiveLock;
  of_base->inh = stored_entry->inh && query->commandType != CMD_INSERT;
  of_base->inFromCl = of_view->inFromCl;
  of_base->alias = static_cast<Alias*>(copyObjectImpl(of_view->alias));
  of_base->eref = makeAlias(of_view->eref->aliasname, column_names(base));
  of_base->securityQuals = of_view->securityQuals;
  of_view->securityQuals = NIL;
  strata_compat_check_as_view(
      query, of_base, of_view,
      bms_copy(strata_compat_selected_columns(stored, const_cast<RangeTblEntry*>(stored_entry))),
      RelationHasSecurityInvoker(view) ? InvalidOid : view->rd_rel->relowner);
  query->rtable = lappend(query->rtable, of_base);
  query->resultRelation = list_length(query->rtable);
  strata_compat_merge_into(query, query->resultRelation);
}

// Translates all assignments of the query. What they write goes to `inserted` and `updated`.
static void assign_all(Query* query, Assigning at, Bitmapset** inserted, Bitmapset** updated) {
  if (query->commandType == CMD_INSERT || query->commandType == CMD_UPDATE) {
    at.insert = query->commandType == CMD_INSERT;
    query->targetList = assign(&at, query->targetList);
    *(at.insert ? inserted : updated) = at.written;
  }
  at.markers = nullptr;
  if (query->onConflict != nullptr && query->onConflict->action == ONCONFLICT_UPDATE) {
    at.insert = false;
    at.written = nullptr;
    query->onConflict->onConflictSet = assign(&at, query->onConflict->onConflictSet);
    *updated = bms_union(*updated, at.written);
  }
  ListCell* cell;
  foreach (cell, query->mergeActionList) {
    auto* action = lfirst_node(MergeAction, cell);
    if (action->commandType != CMD_INSERT && action->commandType != CMD_UPDATE) continue;
    at.insert = action->commandType == CMD_INSERT;
    at.merge = true;
    at.written = nullptr;
    action->targetList = assign(&at, action->targetList);
    Bitmapset** set = at.insert ? inserted : updated;
    *set = bms_union(*set, at.written);
  }
}

// Adds the check of recent minor releases that a row which ON CONFLICT DO UPDATE is about to change
// is one that the view shows. Its kind is the one after those that all releases have; a server that
// does not know it never looks for it (ExecWithCheckOptions).
static void check_conflicting_row(Query* query, Relation view, Node* conditions) {
  if (query->onConflict == nullptr || query->onConflict->action != ONCONFLICT_UPDATE) return;
  WithCheckOption* check = makeNode(WithCheckOption);
  check->kind = static_cast<WCOKind>(WCO_RLS_MERGE_DELETE_CHECK + 1);
  check->relname = pstrdup(RelationGetRelationName(view));
  check->qual = conditions;
  query->withCheckOptions = lappend(query->withCheckOptions, check);
  query->hasSubLinks = query->hasSubLinks || checkExprHasSubLink(conditions);
}

// Adds the conditions of a view of somebody else's that is written through on the way to ours; a
// version view has none.
static void add_conditions(Query* query, Relation view, const Query* stored, int stored_varno) {
  const int varno = query->resultRelation;
  Node* conditions = stored->jointree->quals;
  if (query->commandType != CMD_INSERT && conditions != nullptr) {
    auto* copy = static_cast<Node*>(copyObjectImpl(conditions));
    ChangeVarNodes(copy, stored_varno, varno, 0);
    if (RelationIsSecurityView(view)) {
      RangeTblEntry* target = rt_fetch(varno, query->rtable);
      target->securityQuals = lcons(copy, target->securityQuals);
      query->hasSubLinks = query->hasSubLinks || checkExprHasSubLink(copy);
    } else {
      AddQual(query, copy);
    }
  }
  if (query->commandType == CMD_DELETE) return;
  if (conditions != nullptr) {
    auto* copy = static_cast<Node*>(copyObjectImpl(conditions));
    ChangeVarNodes(copy, stored_varno, varno, 0);
    check_conflicting_row(query, view, copy);
  }
  bool cascaded = RelationHasCascadedCheckOption(view);
  bool checked = RelationHasCheckOption(view);
  if (query->withCheckOptions != NIL &&
      linitial_node(WithCheckOption, query->withCheckOptions)->cascaded)
    checked = cascaded = true;
  if (!checked || (!cascaded && conditions == nullptr)) return;
  // The innermost view's check comes first, as the SQL standard has it.
  WithCheckOption* check = makeNode(WithCheckOption);
  check->kind = WCO_VIEW_CHECK;
  check->relname = pstrdup(RelationGetRelationName(view));
  check->cascaded = cascaded;
  check->qual = static_cast<Node*>(copyObjectImpl(conditions));
  if (check->qual != nullptr) {
    ChangeVarNodes(check->qual, stored_varno, varno, 0);
    query->hasSubLinks = query->hasSubLinks || checkExprHasSubLink(check->qual);
  }
  query->withCheckOptions = lcons(check, query->withCheckOptions);
}

void retarget(Query* query, Relation view, Relation base, const WriteMapping* mapping) {
  const int view_varno = query->resultRelation;
  Query* stored = get_view_query(view);
  const Index stored_varno = pg::raw::varno_of(stored, RelationGetRelid(base));

  Node** markers = query->commandType == CMD_INSERT ? resolve_values(query, mapping) : nullptr;
  become_target(query, view, base, stored, rt_fetch(stored_varno, stored->rtable));
  const int varno = query->resultRelation;
  OnConflictExpr* conflict = query->onConflict;
  List* arbiters =
      conflict != nullptr ? infer_by_base_columns(conflict, mapping, base, varno) : NIL;

  read_from_base(query, mapping, view_varno, conflict != nullptr ? conflict->exclRelIndex : 0);

  if (conflict != nullptr) {
    conflict = query->onConflict;
    conflict->arbiterElems = list_concat(arbiters, conflict->arbiterElems);
    if (conflict->action == ONCONFLICT_UPDATE) use_excluded_of_base(query, base);
  }
  Bitmapset* inserted = nullptr;
  Bitmapset* updated = nullptr;
  assign_all(query, Assigning{query, mapping, view, base, varno, false, false, markers, nullptr},
             &inserted, &updated);
  strata_compat_set_written_columns(query, rt_fetch(varno, query->rtable), inserted, updated);
  add_conditions(query, view, stored, static_cast<int>(stored_varno));
}

}  // namespace strata::rewrite::raw
