// Owns: the names in definitions and expressions, everything that is not a statement (see
// walk.hpp).
#include "guard/walk.hpp"
#include "pg/tree_walk.hpp"

extern "C" {
#include "nodes/nodeFuncs.h"
}

namespace strata::guard::raw {

namespace {

void visit_column(ColumnDef* column, Walk* walk) {
  visit(reinterpret_cast<Node*>(column->typeName), walk);
  visit(column->raw_default, walk);
  visit(reinterpret_cast<Node*>(column->collClause), walk);
  visit_list(column->constraints, walk);
  visit_list(column->fdwoptions, walk);
}

void visit_constraint(Constraint* constraint, Walk* walk) {
  visit(constraint->raw_expr, walk);
  if (constraint->pktable != nullptr) relation(walk, constraint->pktable, false);
  visit(constraint->where_clause, walk);
  visit_list(constraint->options, walk);
  if (constraint->exclusions != NIL) walk->path_bound = true;
}

void visit_option(DefElem* option, Walk* walk) {
  // OWNED BY table.column and its like are names that only the option's owner can read.
  if (option->arg != nullptr && IsA(option->arg, List))
    walk->path_bound = true;
  else
    visit(option->arg, walk);
}

}  // namespace

bool visit(Node* node, Walk* walk) {
  if (node == nullptr) return false;
  switch (nodeTag(node)) {
    case T_RangeVar:
      relation(walk, reinterpret_cast<RangeVar*>(node), false);
      return false;
    case T_TypeName:
      type(walk, reinterpret_cast<TypeName*>(node));
      return false;
    case T_ColumnDef:
      visit_column(reinterpret_cast<ColumnDef*>(node), walk);
      return false;
    case T_Constraint:
      visit_constraint(reinterpret_cast<Constraint*>(node), walk);
      return false;
    case T_DefElem:
      visit_option(reinterpret_cast<DefElem*>(node), walk);
      return false;
    case T_VacuumRelation:
      visit(reinterpret_cast<Node*>(reinterpret_cast<VacuumRelation*>(node)->relation), walk);
      return false;
    case T_PartitionCmd:
      visit(reinterpret_cast<Node*>(reinterpret_cast<PartitionCmd*>(node)->name), walk);
      visit(reinterpret_cast<Node*>(reinterpret_cast<PartitionCmd*>(node)->bound), walk);
      return false;
    case T_PartitionBoundSpec:
      visit_list(reinterpret_cast<PartitionBoundSpec*>(node)->listdatums, walk);
      visit_list(reinterpret_cast<PartitionBoundSpec*>(node)->lowerdatums, walk);
      visit_list(reinterpret_cast<PartitionBoundSpec*>(node)->upperdatums, walk);
      return false;
    case T_TableLikeClause:
      visit(reinterpret_cast<Node*>(reinterpret_cast<TableLikeClause*>(node)->relation), walk);
      return false;
    case T_IndexElem:
      if (reinterpret_cast<IndexElem*>(node)->opclass != NIL) walk->path_bound = true;
      collation(walk, &reinterpret_cast<IndexElem*>(node)->collation);
      visit(reinterpret_cast<IndexElem*>(node)->expr, walk);
      return false;
    case T_CollateClause:
      collation(walk, &reinterpret_cast<CollateClause*>(node)->collname);
      visit(reinterpret_cast<CollateClause*>(node)->arg, walk);
      return false;
    case T_SelectStmt:
      walk->queries++;
      raw_expression_tree_walker(node, pg::raw::as_walker(visit), walk);
      walk->queries--;
      return false;
    case T_FuncCall:
      function_call(walk, reinterpret_cast<FuncCall*>(node));
      break;
    case T_A_Expr:
      used_operator(walk, &reinterpret_cast<A_Expr*>(node)->name);
      break;
    case T_SortBy:
      used_operator(walk, &reinterpret_cast<SortBy*>(node)->useOp);
      break;
    case T_SubLink:
      used_operator(walk, &reinterpret_cast<SubLink*>(node)->operName);
      break;
    case T_RoleSpec: {
      const RoleSpecType kind = reinterpret_cast<RoleSpec*>(node)->roletype;
      if (kind != ROLESPEC_CSTRING && kind != ROLESPEC_PUBLIC) walk->by_session = true;
      return false;
    }
    // They name nothing, or columns, or what has no schema.
    case T_String:
    case T_Integer:
    case T_Float:
    case T_Boolean:
    case T_BitString:
    case T_A_Const:
    case T_A_Star:
    case T_Alias:
    case T_ColumnRef:
    case T_ParamRef:
    case T_AccessPriv:
    case T_ReplicaIdentityStmt:
    case T_SetToDefault:
    case T_SQLValueFunction:
      return false;
    // The server's walker knows their parts.
    case T_List:
    case T_BoolExpr:
    case T_NullTest:
    case T_BooleanTest:
    case T_CaseExpr:
    case T_CaseWhen:
    case T_CoalesceExpr:
    case T_MinMaxExpr:
    case T_RowExpr:
    case T_NamedArgExpr:
    case T_A_Indices:
    case T_A_Indirection:
    case T_A_ArrayExpr:
    case T_TypeCast:
    case T_ResTarget:
    case T_WindowDef:
    case T_JoinExpr:
    case T_RangeSubselect:
    case T_RangeFunction:
    case T_WithClause:
    case T_CommonTableExpr:
    case T_GroupingSet:
    case T_GroupingFunc:
      break;
    default:
      walk->path_bound = true;
      return false;
  }
  return raw_expression_tree_walker(node, pg::raw::as_walker(visit), walk);
}

void visit_list(List* list, Walk* walk) {
  ListCell* cell;
  foreach (cell, list)
    visit(static_cast<Node*>(lfirst(cell)), walk);
}

void objects(Walk* walk, ObjectType kind, List* names) {
  ListCell* cell;
  foreach (cell, names) {
    auto* name = static_cast<Node*>(lfirst(cell));
    if (IsA(name, RangeVar))
      relation(walk, reinterpret_cast<RangeVar*>(name), false);
    else
      object(walk, kind, reinterpret_cast<Node**>(&lfirst(cell)));
  }
}

}  // namespace strata::guard::raw
