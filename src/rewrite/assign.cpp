// Owns: the translation of target lists (see assign.hpp).
#include "rewrite/assign.hpp"

#include "pg/tree_walk.hpp"
#include "rewrite/given.hpp"
#include "rewrite/place.hpp"
#include "rewrite/unchanged.hpp"

extern "C" {
#include "access/sysattr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
}

namespace strata::rewrite::raw {

using pg::raw::as_mutator;

struct Inserting {
  const Assigning* at;
  const Given* given;
};

// Replaces the view's columns in what a base column stores by what the statement gives them, by
// what they are now, or by nothing.
static Node* value_mutator(Node* node, Inserting* context) {
  if (node == nullptr) return nullptr;
  if (IsA(node, Var)) {
    const AttrNumber column = reinterpret_cast<Var*>(node)->varattno;
    const Given* given = &context->given[column - 1];
    const Assigning* at = context->at;
    if (given->value != nullptr) return static_cast<Node*>(copyObjectImpl(given->value));
    if (!at->insert && !given->fallback)
      return placed_at(at->mapping->reads[column - 1], at->varno);
    return no_value(at->view, column);
  }
  return expression_tree_mutator(node, as_mutator(value_mutator), context);
}

static Node* stored_column(const Assigning* at, AttrNumber attnum) {
  Form_pg_attribute att = TupleDescAttr(RelationGetDescr(at->base), attnum - 1);
  return reinterpret_cast<Node*>(
      makeVar(at->varno, attnum, att->atttypid, att->atttypmod, att->attcollation, 0));
}

static TargetEntry* entry_of(const Assigning* at, AttrNumber attnum, Node* value) {
  Form_pg_attribute att = TupleDescAttr(RelationGetDescr(at->base), attnum - 1);
  return makeTargetEntry(reinterpret_cast<Expr*>(value), attnum, pstrdup(NameStr(att->attname)),
                         false);
}

static Node* base_default(const Assigning* at, AttrNumber attnum) {
  Form_pg_attribute att = TupleDescAttr(RelationGetDescr(at->base), attnum - 1);
  SetToDefault* out = makeNode(SetToDefault);
  out->typeId = att->atttypid;
  out->typeMod = att->atttypmod;
  out->collation = att->attcollation;
  out->location = -1;
  return reinterpret_cast<Node*>(out);
}

// CASE WHEN condition THEN value ELSE otherwise END, of the type of `otherwise`.
static Node* choose(Node* condition, Node* value, Node* otherwise) {
  CaseWhen* when = makeNode(CaseWhen);
  when->expr = reinterpret_cast<Expr*>(condition);
  when->result = reinterpret_cast<Expr*>(value);
  when->location = -1;
  CaseExpr* out = makeNode(CaseExpr);
  out->casetype = exprType(otherwise);
  out->casecollid = exprCollation(otherwise);
  out->args = list_make1(when);
  out->defresult = reinterpret_cast<Expr*>(otherwise);
  out->location = -1;
  return reinterpret_cast<Node*>(out);
}

// Where rows of VALUES say DEFAULT for all that feeds the base column, the base's default holds.
static Node* with_default(const Assigning* at, const BaseWrite* write, Node* value) {
  if (at->markers == nullptr) return value;
  List* conditions = NIL;
  for (int k = bms_next_member(write->inputs, -1); k >= 0; k = bms_next_member(write->inputs, k))
    if (at->markers[k - 1] != nullptr) conditions = lappend(conditions, at->markers[k - 1]);
  if (conditions == NIL) return value;
  Node* fallback = build_column_default(at->base, write->attnum);
  if (fallback == nullptr) return value;
  return choose(reinterpret_cast<Node*>(make_ands_explicit(conditions)), fallback, value);
}

static Node* computed_value(const Assigning* at, const Given* given, const BaseWrite* write) {
  Inserting context{at, given};
  Node* value = value_mutator(write->expression, &context);
  if (at->insert) return with_default(at, write, value);
  if (!write->guarded) return value;
  List* changes = NIL;
  for (int k = bms_next_member(write->inputs, -1); k >= 0; k = bms_next_member(write->inputs, k))
    if (given[k - 1].value != nullptr)
      changes = lappend(changes, is_changed(static_cast<Node*>(copyObjectImpl(given[k - 1].value)),
                                            placed_at(at->mapping->reads[k - 1], at->varno),
                                            at->mapping->equalities[k - 1]));
  if (changes == NIL) return value;
  Node* changed = list_length(changes) == 1
                      ? static_cast<Node*>(linitial(changes))
                      : reinterpret_cast<Node*>(makeBoolExpr(OR_EXPR, changes, -1));
  return choose(changed, value, stored_column(at, write->attnum));
}

static void refuse_read_only(const Assigning* at, const Given* given) {
  for (int i = 0; i < at->mapping->columns; i++) {
    if (given[i].entries == NIL || given[i].fallback) continue;
    bool writable = false;
    for (int w = 0; w < at->mapping->write_count; w++)
      writable = writable || bms_is_member(i + 1, at->mapping->writes[w].inputs);
    if (writable) continue;
    // SET x = DEFAULT and DEFAULT in VALUES stand for the view's default here and change nothing.
    if (IsA(linitial_node(TargetEntry, given[i].entries)->expr, SetToDefault)) continue;
    const char* column = pstrdup(NameStr(TupleDescAttr(RelationGetDescr(at->view), i)->attname));
    ereport(ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
             at->insert ? errmsg("cannot insert into column \"%s\" of view \"%s\"", column,
                                 RelationGetRelationName(at->view))
                        : errmsg("cannot update column \"%s\" of view \"%s\"", column,
                                 RelationGetRelationName(at->view)),
             at->mapping->is_version
                 ? errdetail("Nothing says what a write to it stores in table \"%s\".",
                             RelationGetRelationName(at->base))
                 : errdetail("View columns that are not columns of their base relation are not "
                             "updatable."),
             at->mapping->is_version ? errhint("The owner of the table says so with write_as of "
                                               "strata.replace_column().")
                                     : 0));
  }
}

// Adds what is stored in one base column, if the statement stores anything; the entries keep
// assignments to parts of a column apart, which the server joins.
static List* assign_column(Assigning* at, const Given* given, const BaseWrite* write) {
  bool named = false;
  bool valued = false;
  bool fallback = false;
  for (int k = bms_next_member(write->inputs, -1); k >= 0; k = bms_next_member(write->inputs, k)) {
    named = named || given[k - 1].entries != NIL;
    valued = valued || given[k - 1].value != nullptr;
    fallback = fallback || given[k - 1].fallback;
  }
  List* out = NIL;
  const Given* direct = write->direct != 0 ? &given[write->direct - 1] : nullptr;
  if (!valued) {
    if (fallback && (direct != nullptr || !at->insert))
      out = list_make1(entry_of(at, write->attnum, base_default(at, write->attnum)));
  } else if (direct == nullptr) {
    out = list_make1(entry_of(at, write->attnum, computed_value(at, given, write)));
  } else if (direct->entries == NIL ||
             IsA(linitial_node(TargetEntry, direct->entries)->expr, SetToDefault)) {
    out =
        list_make1(entry_of(at, write->attnum, static_cast<Node*>(copyObjectImpl(direct->value))));
  } else {
    ListCell* cell;
    foreach (cell, direct->entries)
      out = lappend(out, entry_of(at, write->attnum,
                                  reinterpret_cast<Node*>(lfirst_node(TargetEntry, cell)->expr)));
  }
  if (out != NIL && named)
    at->written = bms_add_member(at->written, write->attnum - FirstLowInvalidHeapAttributeNumber);
  return out;
}

List* assign(Assigning* at, List* targets) {
  List* rest = NIL;
  Given* given = given_values(at, targets, &rest);
  refuse_read_only(at, given);
  evaluate_once(at, given, &rest);
  List* out = NIL;
  Bitmapset* assigned = nullptr;
  for (int i = 0; i < at->mapping->write_count; i++) {
    const BaseWrite* write = &at->mapping->writes[i];
    List* entries = assign_column(at, given, write);
    if (entries == NIL) continue;
    if (bms_is_member(write->attnum, assigned))
      ereport(
          ERROR,
          (errcode(ERRCODE_SYNTAX_ERROR),
           errmsg("multiple assignments to same column \"%s\"",
                  NameStr(TupleDescAttr(RelationGetDescr(at->base), write->attnum - 1)->attname)),
           errdetail("Several columns of view \"%s\" show it.",
                     RelationGetRelationName(at->view))));
    assigned = bms_add_member(assigned, write->attnum);
    out = list_concat(out, entries);
  }
  for (int i = 0; at->insert && i < at->mapping->fill_count; i++) {
    const Fill* fill = &at->mapping->fills[i];
    if (!bms_is_member(fill->attnum, assigned))
      out = lappend(
          out, entry_of(at, fill->attnum, static_cast<Node*>(copyObjectImpl(fill->expression))));
  }
  return list_concat(out, rest);
}

}  // namespace strata::rewrite::raw
