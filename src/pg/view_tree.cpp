// Owns: reading and editing the query of a version view over one base relation (see view_tree.hpp).
#include "pg/view_tree.hpp"

#include "pg/conversion.hpp"
#include "pg/view_query.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_rewrite.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

namespace strata::pg {
namespace raw {

// What the walkers need to know while they look at one target entry.
struct EditContext {
  int varno;
  Oid next;
  const ColumnEdit* edits;
  size_t count;
  bool reads;      // out: the entry reads an edited column
  bool forgotten;  // out: one of them is going
};

static const ColumnEdit* edit_of(const EditContext* context, const Var* var) {
  if (var->varno != context->varno || var->varlevelsup != 0) return nullptr;
  for (size_t i = 0; i < context->count; i++)
    if (context->edits[i].attnum == var->varattno) return &context->edits[i];
  return nullptr;
}

// Returns a Var of the column as the catalogs have it now.
static Node* current_var(Oid base, AttrNumber attnum, int varno) {
  Oid type;
  int32 typmod;
  Oid collation;
  get_atttypetypmodcoll(base, attnum, &type, &typmod, &collation);
  return reinterpret_cast<Node*>(makeVar(varno, attnum, type, typmod, collation, 0));
}

static bool touch_walker(Node* node, EditContext* context) {
  if (node == nullptr) return false;
  if (IsA(node, Var)) {
    const ColumnEdit* edit = edit_of(context, reinterpret_cast<Var*>(node));
    if (edit == nullptr) return false;
    context->reads = true;
    if (edit->how == ColumnEdit::How::kForget) context->forgotten = true;
    return false;
  }
  return expression_tree_walker(node, as_walker(touch_walker), context);
}

static Node* edit_mutator(Node* node, EditContext* context) {
  if (node == nullptr) return nullptr;
  if (IsA(node, Var)) {
    const ColumnEdit* edit = edit_of(context, reinterpret_cast<Var*>(node));
    if (edit == nullptr) return static_cast<Node*>(copyObjectImpl(node));
    if (edit->how == ColumnEdit::How::kExpression) {
      // The parser made it with the base as range table entry 1.
      Node* copy = static_cast<Node*>(copyObjectImpl(edit->expression));
      if (context->varno != 1) ChangeVarNodes(copy, 1, context->varno, 0);
      return copy;
    }
    Node* now = current_var(context->next, edit->next, context->varno);
    Node* out = convert(now, edit->old_type, edit->old_typmod, edit->old_collation, edit->keyed);
    if (out == nullptr)
      ereport(ERROR, (errcode(ERRCODE_CANNOT_COERCE),
                      errmsg("no conversion from %s to %s", format_type_be(exprType(now)),
                             format_type_be(edit->old_type))));
    return out;
  }
  return expression_tree_mutator(node, as_mutator(edit_mutator), context);
}

// Returns what a column shows when nothing is left to compute it from: the contract's default where
// that is one fixed value per statement, else NULL.
static Node* contract_default(Relation view, AttrNumber attnum) {
  Form_pg_attribute att = TupleDescAttr(RelationGetDescr(view), attnum - 1);
  Node* expression = att->atthasdef ? build_column_default(view, attnum) : nullptr;
  if (expression != nullptr && !contain_volatile_functions(expression)) return expression;
  return reinterpret_cast<Node*>(makeNullConst(att->atttypid, att->atttypmod, att->attcollation));
}

// Gives an expression the collation the contract has.
static Node* with_collation(Node* expression, Oid collation) {
  if (!OidIsValid(collation) || exprCollation(expression) == collation) return expression;
  CollateExpr* collate = makeNode(CollateExpr);
  collate->arg = reinterpret_cast<Expr*>(expression);
  collate->collOid = collation;
  collate->location = -1;
  return reinterpret_cast<Node*>(collate);
}

// Returns the new expression of a target entry that reads an edited column.
static Node* edited(Relation view, TargetEntry* entry, EditContext* context) {
  if (context->forgotten) return contract_default(view, entry->resno);
  Form_pg_attribute att = TupleDescAttr(RelationGetDescr(view), entry->resno - 1);
  auto* expression = reinterpret_cast<Node*>(entry->expr);
  Var* column = nullptr;
  if (is_cast_of_column(expression, &column)) {
    // A column that was only ever cast is converted afresh from what the base has now: one hop,
    // however many type changes came before, and none at all once the type is back.
    const ColumnEdit* edit = edit_of(context, column);
    if (edit != nullptr && edit->how == ColumnEdit::How::kConvert) {
      Node* direct = convert(current_var(context->next, edit->next, context->varno), att->atttypid,
                             att->atttypmod, att->attcollation, edit->keyed);
      if (direct != nullptr) return direct;
    }
  }
  return edit_mutator(expression, context);
}

// Makes the range table entry of the base one of `next`.
static void replace_base(Query* query, Index varno, Oid next) {
  RangeTblEntry* entry = rt_fetch(varno, query->rtable);
  if (entry->relid == next) return;
  Relation rel = relation_open(next, AccessShareLock);
  entry->relid = next;
  entry->relkind = rel->rd_rel->relkind;
  List* names = NIL;
  for (int i = 0; i < RelationGetDescr(rel)->natts; i++) {
    Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);
    names = lappend(names, makeString(pstrdup(att->attisdropped ? "" : NameStr(att->attname))));
  }
  entry->eref = makeAlias(entry->eref->aliasname, names);
  strata_compat_set_permission_relation(query, entry, next);
  relation_close(rel, NoLock);
}

static void edit_view(Oid view_oid, Oid base, Oid next, const ColumnEdit* edits, size_t count) {
  Relation view = relation_open(view_oid, AccessExclusiveLock);
  Query* query = copy_of_view_query(view);
  Index varno = varno_of(query, base);
  replace_base(query, varno, next);
  ListCell* cell;
  foreach (cell, query->targetList) {
    auto* entry = lfirst_node(TargetEntry, cell);
    EditContext context{static_cast<int>(varno), next, edits, count, false, false};
    touch_walker(reinterpret_cast<Node*>(entry->expr), &context);
    if (!context.reads) continue;
    Form_pg_attribute att = TupleDescAttr(RelationGetDescr(view), entry->resno - 1);
    entry->expr =
        reinterpret_cast<Expr*>(with_collation(edited(view, entry, &context), att->attcollation));
  }
  store_query(view, query, next);
  relation_close(view, NoLock);
}

static void set_view_expressions(Oid view_oid, Oid base, Node* const* expressions) {
  Relation view = relation_open(view_oid, AccessExclusiveLock);
  Query* query = copy_of_view_query(view);
  Index varno = varno_of(query, base);
  ListCell* cell;
  foreach (cell, query->targetList) {
    auto* entry = lfirst_node(TargetEntry, cell);
    auto* copy = static_cast<Node*>(copyObjectImpl(expressions[entry->resno - 1]));
    if (varno != 1) ChangeVarNodes(copy, 1, static_cast<int>(varno), 0);
    entry->expr = reinterpret_cast<Expr*>(copy);
  }
  store_query(view, query, base);
  relation_close(view, NoLock);
}

static void release_column(Oid view, Oid base, AttrNumber attnum) {
  Relation rel = relation_open(view, AccessShareLock);
  Oid rule = InvalidOid;
  for (int i = 0; rel->rd_rules != nullptr && i < rel->rd_rules->numLocks; i++)
    if (rel->rd_rules->rules[i]->event == CMD_SELECT) rule = rel->rd_rules->rules[i]->ruleId;
  relation_close(rel, NoLock);

  Relation depend = table_open(DependRelationId, RowExclusiveLock);
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(RewriteRelationId));
  ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(rule));
  SysScanDesc scan = systable_beginscan(depend, DependDependerIndexId, true, nullptr, 2, keys);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    auto* row = reinterpret_cast<Form_pg_depend>(GETSTRUCT(tuple));
    if (row->refclassid == RelationRelationId && row->refobjid == base &&
        row->refobjsubid == attnum)
      CatalogTupleDelete(depend, &tuple->t_self);
  }
  systable_endscan(scan);
  table_close(depend, RowExclusiveLock);
  CommandCounterIncrement();  // core's ALTER TABLE must not see it any more
}

}  // namespace raw

void edit_view(Oid view, Oid base, Oid next, const std::vector<ColumnEdit>& edits) {
  call([&] { raw::edit_view(view, base, next, edits.data(), edits.size()); });
}

void set_view_expressions(Oid view, Oid base, const std::vector<Node*>& expressions) {
  call([&] { raw::set_view_expressions(view, base, expressions.data()); });
}

void release_column(Oid view, Oid base, AttrNumber attnum) {
  call([&] { raw::release_column(view, base, attnum); });
}

}  // namespace strata::pg
