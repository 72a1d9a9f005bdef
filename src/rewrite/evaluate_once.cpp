// Owns: single evaluation of volatile values (see given.hpp).
//
// An INSERT of one row takes such values from a subquery, which the planner does not take apart
// because they are volatile. Everything that updates takes them from a subquery of multiple
// assignment, "SET (a, b) = (SELECT ...)", which is run once per row because it reads a column of
// the row; a lateral join would show a row that was read again after waiting its old values.
#include "pg/tree_walk.hpp"
#include "rewrite/given.hpp"

extern "C" {
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteManip.h"
}

namespace strata::rewrite::raw {

using pg::raw::as_walker;

struct Uses {
  AttrNumber column;
  int count;
};

static bool count_walker(Node* node, Uses* uses) {
  if (node == nullptr) return false;
  if (IsA(node, Var)) {
    if (reinterpret_cast<Var*>(node)->varattno == uses->column) uses->count++;
    return false;
  }
  return expression_tree_walker(node, as_walker(count_walker), uses);
}

// Returns how often the value of a column will be evaluated if it is put wherever it is read.
static int uses_of(const Assigning* at, AttrNumber column) {
  Uses uses{column, 0};
  for (int i = 0; i < at->mapping->write_count; i++) {
    const BaseWrite* write = &at->mapping->writes[i];
    if (write->direct == column) {
      uses.count++;
    } else if (write->direct == 0 && bms_is_member(column, write->inputs)) {
      count_walker(write->expression, &uses);
      if (write->guarded && !at->insert) uses.count++;
    }
  }
  return uses.count;
}

static void replace_value(Given* column, Node* value) {
  column->value = value;
  if (list_length(column->entries) == 0) return;
  auto* entry = linitial_node(TargetEntry, column->entries);
  entry->expr = static_cast<Expr*>(copyObjectImpl(value));
  column->entries = list_make1(entry);
}

// Returns a query without FROM that is one level below the statement, for `values`.
static Query* one_row(const Query* statement, List* values) {
  Query* query = makeNode(Query);
  query->commandType = CMD_SELECT;
  query->querySource = QSRC_ORIGINAL;
  query->canSetTag = true;
  query->hasSubLinks = statement->hasSubLinks;
  query->jointree = makeFromExpr(NIL, nullptr);
  ListCell* cell;
  foreach (cell, values) {
    auto* value = static_cast<Node*>(copyObjectImpl(lfirst(cell)));
    IncrementVarSublevelsUp(value, 1, 0);
    const int number = foreach_current_index(cell) + 1;
    query->targetList =
        lappend(query->targetList,
                makeTargetEntry(reinterpret_cast<Expr*>(value), static_cast<AttrNumber>(number),
                                psprintf("value_%d", number), false));
  }
  return query;
}

static void take_from_subquery(const Assigning* at, Given* given, List* columns) {
  Query* query = at->query;
  if (at->merge || query->jointree->fromlist != NIL)
    ereport(
        ERROR,
        (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
         errmsg(
             "cannot insert a volatile value into column \"%s\" of view \"%s\"",
             NameStr(TupleDescAttr(RelationGetDescr(at->view), linitial_int(columns) - 1)->attname),
             RelationGetRelationName(at->view)),
         errdetail("Several columns of table \"%s\" are computed from it.",
                   RelationGetRelationName(at->base)),
         errhint("Compute the value in the source query.")));
  List* values = NIL;
  List* names = NIL;
  ListCell* cell;
  foreach (cell, columns) {
    values = lappend(values, given[lfirst_int(cell) - 1].value);
    names = lappend(names, makeString(psprintf("value_%d", foreach_current_index(cell) + 1)));
  }
  RangeTblEntry* entry = makeNode(RangeTblEntry);
  entry->rtekind = RTE_SUBQUERY;
  entry->subquery = one_row(query, values);
  entry->eref = makeAlias("assigned", names);
  entry->inFromCl = true;
  query->rtable = lappend(query->rtable, entry);
  RangeTblRef* ref = makeNode(RangeTblRef);
  ref->rtindex = list_length(query->rtable);
  query->jointree->fromlist = list_make1(ref);
  foreach (cell, columns) {
    Given* column = &given[lfirst_int(cell) - 1];
    Var* var = makeVarFromTargetEntry(
        ref->rtindex, static_cast<TargetEntry*>(
                          list_nth(entry->subquery->targetList, foreach_current_index(cell))));
    replace_value(column, reinterpret_cast<Node*>(var));
  }
}

static bool last_sublink_walker(Node* node, int* last) {
  if (node == nullptr) return false;
  if (IsA(node, SubLink)) {
    auto* link = reinterpret_cast<SubLink*>(node);
    if (link->subLinkType == MULTIEXPR_SUBLINK) *last = Max(*last, link->subLinkId);
    return false;
  }
  if (IsA(node, Query)) return false;
  return expression_tree_walker(node, as_walker(last_sublink_walker), last);
}

// The planner finds the parameters of multiple assignment by a number that is unique in the query.
static int next_sublink(Query* query, List* rest) {
  int last = 0;
  last_sublink_walker(reinterpret_cast<Node*>(query->targetList), &last);
  last_sublink_walker(reinterpret_cast<Node*>(query->onConflict), &last);
  last_sublink_walker(reinterpret_cast<Node*>(query->mergeActionList), &last);
  last_sublink_walker(reinterpret_cast<Node*>(rest), &last);
  return last + 1;
}

// Returns a column of the row that is updated, whichever: one that reads it makes the subquery run
// for each row.
static Node* column_of_row(const Assigning* at) {
  TupleDesc desc = RelationGetDescr(at->base);
  for (int i = 0; i < desc->natts; i++) {
    Form_pg_attribute att = TupleDescAttr(desc, i);
    if (!att->attisdropped)
      return reinterpret_cast<Node*>(
          makeVar(at->varno, att->attnum, att->atttypid, att->atttypmod, att->attcollation, 0));
  }
  return reinterpret_cast<Node*>(makeNullConst(INT4OID, -1, InvalidOid));
}

static void take_from_assignment(const Assigning* at, Given* column, List** rest) {
  Node* value = column->value;
  SubLink* link = makeNode(SubLink);
  link->subLinkType = MULTIEXPR_SUBLINK;
  link->subLinkId = next_sublink(at->query, *rest);
  link->subselect =
      reinterpret_cast<Node*>(one_row(at->query, list_make2(value, column_of_row(at))));
  link->location = -1;
  Param* param = makeNode(Param);
  param->paramkind = PARAM_MULTIEXPR;
  param->paramid = (link->subLinkId << 16) | 1;
  param->paramtype = exprType(value);
  param->paramtypmod = exprTypmod(value);
  param->paramcollid = exprCollation(value);
  param->location = -1;
  *rest = lappend(
      *rest, makeTargetEntry(reinterpret_cast<Expr*>(link),
                             static_cast<AttrNumber>(at->mapping->columns + 1), nullptr, true));
  at->query->hasSubLinks = true;
  replace_value(column, reinterpret_cast<Node*>(param));
}

void evaluate_once(const Assigning* at, Given* given, List** rest) {
  List* columns = NIL;
  for (int i = 0; i < at->mapping->columns; i++) {
    if (given[i].value == nullptr || IsA(given[i].value, Var) || IsA(given[i].value, Const) ||
        IsA(given[i].value, Param))
      continue;
    if (uses_of(at, static_cast<AttrNumber>(i + 1)) > 1 &&
        contain_volatile_functions(given[i].value))
      columns = lappend_int(columns, i + 1);
  }
  if (columns == NIL) return;
  if (at->insert) return take_from_subquery(at, given, columns);
  ListCell* cell;
  foreach (cell, columns)
    take_from_assignment(at, &given[lfirst_int(cell) - 1], rest);
}

}  // namespace strata::rewrite::raw
