// Owns: replacing columns of a view by what it shows (see place.hpp).
//
// Not the server's ReplaceVarsFromTargetList: that refuses WHERE CURRENT OF and the parameters of
// multiple assignment, and it wants the base under a number of its own.
#include "rewrite/place.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
}

namespace strata::rewrite::raw {

using pg::raw::as_mutator;

static Node* place_mutator(Node* node, const Var* other) {
  if (node == nullptr) return nullptr;
  if (IsA(node, Var)) {
    auto* var = static_cast<Var*>(copyObjectImpl(node));
    var->varno = other->varno;
    var->varlevelsup = other->varlevelsup;
    var->varnosyn = 0;
    var->varattnosyn = 0;
    strata_compat_stand_for(var, other);
    return reinterpret_cast<Node*>(var);
  }
  return expression_tree_mutator(node, as_mutator(place_mutator), const_cast<Var*>(other));
}

Node* placed(Node* expression, const Var* var) {
  return strata_compat_returning(place_mutator(expression, var), var);
}

Node* placed_at(Node* expression, int varno) {
  Var* at = makeVar(varno, 1, INT4OID, -1, InvalidOid, 0);
  return place_mutator(expression, at);
}

struct Reading {
  const WriteMapping* mapping;
  int varno;
  int excluded;
  int base;
  Index level;
  List* names;
};

// A whole row of the view, as the server's own rewriting makes it (ReplaceVarsFromTargetList).
static Node* whole_row(const Var* var, const Reading* reading) {
  RowExpr* row = makeNode(RowExpr);
  for (int i = 0; i < reading->mapping->columns; i++)
    row->args = lappend(row->args, placed(reading->mapping->reads[i], var));
  row->row_typeid = var->vartype;
  row->row_format = COERCE_IMPLICIT_CAST;
  row->colnames = static_cast<List*>(copyObjectImpl(reading->names));
  row->location = -1;
  return strata_compat_returning(reinterpret_cast<Node*>(row), var);
}

// Returns what stands where a column of the view stood.
static Node* read_column(const Var* var, Reading* reading) {
  const bool of_target = var->varno == reading->varno;
  if (var->varlevelsup != reading->level ||
      !(of_target || (reading->excluded != 0 && var->varno == reading->excluded)))
    return static_cast<Node*>(copyObjectImpl(var));
  Var at = *var;
  if (of_target) at.varno = reading->base;
  if (var->varattno == InvalidAttrNumber) return whole_row(&at, reading);
  if (var->varattno < 0 || var->varattno > reading->mapping->columns)
    ereport(ERROR, (errcode(sqlstate::kMappingUnresolved),
                    errmsg("column %d of a version view is unknown", var->varattno)));
  return placed(reading->mapping->reads[var->varattno - 1], &at);
}

// The target stands in FROM of UPDATE and DELETE, and in WHERE CURRENT OF.
static Node* read_reference(Node* node, const Reading* reading) {
  auto* out = static_cast<Node*>(copyObjectImpl(node));
  if (reading->level != 0) return out;
  if (IsA(out, RangeTblRef)) {
    int* index = &reinterpret_cast<RangeTblRef*>(out)->rtindex;
    if (*index == reading->varno) *index = reading->base;
  } else {
    Index* index = &reinterpret_cast<CurrentOfExpr*>(out)->cvarno;
    if (static_cast<int>(*index) == reading->varno) *index = static_cast<Index>(reading->base);
  }
  return out;
}

static Node* read_mutator(Node* node, Reading* reading) {
  if (node == nullptr) return nullptr;
  if (IsA(node, Var)) return read_column(reinterpret_cast<Var*>(node), reading);
  if (IsA(node, RangeTblRef) || IsA(node, CurrentOfExpr)) return read_reference(node, reading);
  if (IsA(node, Query)) {
    reading->level++;
    Query* out =
        query_tree_mutator(reinterpret_cast<Query*>(node), as_mutator(read_mutator), reading, 0);
    reading->level--;
    return reinterpret_cast<Node*>(out);
  }
  return expression_tree_mutator(node, as_mutator(read_mutator), reading);
}

void read_from_base(Query* query, const WriteMapping* mapping, int varno, int excluded) {
  Reading reading{mapping,  varno,
                  excluded, query->resultRelation,
                  0,        rt_fetch(varno, query->rtable)->eref->colnames};
  query_tree_mutator(query, as_mutator(read_mutator), &reading, QTW_DONT_COPY_QUERY);
}

}  // namespace strata::rewrite::raw
