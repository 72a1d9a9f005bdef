// Owns: where statements have names (see canonical.hpp).
#include "guard/canonical.hpp"

#include "guard/walk.hpp"
#include "pg/tree_walk.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
}

namespace strata::guard {
namespace raw {
namespace {

bool visit(Node* node, Walk* walk);

void visit_list(List* list, Walk* walk) {
  ListCell* cell;
  foreach (cell, list)
    visit(static_cast<Node*>(lfirst(cell)), walk);
}

// The elements are names of one kind.
void visit_objects(Walk* walk, ObjectType kind, List* objects) {
  ListCell* cell;
  foreach (cell, objects) {
    auto* name = static_cast<Node*>(lfirst(cell));
    if (IsA(name, RangeVar))
      relation(walk, reinterpret_cast<RangeVar*>(name), false);
    else
      object(walk, kind, reinterpret_cast<Node**>(&lfirst(cell)));
  }
}

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

// Everything that is not a statement.
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
    // They name nothing, or columns, or what has no schema.
    case T_String:
    case T_Integer:
    case T_Float:
    case T_Boolean:
    case T_BitString:
    case T_A_Const:
    case T_A_Star:
    case T_ColumnRef:
    case T_ParamRef:
    case T_RoleSpec:
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
    case T_SelectStmt:
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

void alter_table(AlterTableStmt* stmt, Walk* walk) {
  relation(walk, stmt->relation, false);
  ListCell* cell;
  foreach (cell, stmt->cmds) {
    auto* command = lfirst_node(AlterTableCmd, cell);
    visit(command->def, walk);
    if (command->behavior == DROP_CASCADE) walk->cascade = true;
    // ... OF type and INHERIT have their names in def.
  }
}

void create_table(CreateStmt* stmt, Walk* walk) {
  relation(walk, stmt->relation, true);
  visit_list(stmt->tableElts, walk);
  visit_list(stmt->inhRelations, walk);
  visit(reinterpret_cast<Node*>(stmt->partbound), walk);
  if (stmt->partspec != nullptr) walk->path_bound = true;
  visit(reinterpret_cast<Node*>(stmt->ofTypename), walk);
  visit_list(stmt->constraints, walk);
  visit_list(stmt->options, walk);
}

// ALTER ... RENAME, SET SCHEMA, OWNER: a relation, or an object of another kind, or part of one.
void relation_or_object(Walk* walk, RangeVar* named, ObjectType kind, Node** slot) {
  if (named != nullptr) relation(walk, named, false);
  // The part is named beside the relation.
  if (*slot != nullptr && (named == nullptr || !IsA(*slot, String))) object(walk, kind, slot);
}

void type_list(Walk* walk, List** names) {
  auto* slot = reinterpret_cast<Node*>(*names);
  object(walk, OBJECT_TYPE, &slot);
  *names = list_make1(slot);
}

void grant(GrantStmt* stmt, Walk* walk) {
  if (stmt->targtype != ACL_TARGET_OBJECT) return;  // ALL IN SCHEMA: schemas
  visit_objects(walk, stmt->objtype, stmt->objects);
  if (stmt->behavior == DROP_CASCADE) walk->cascade = true;
}

void statement(Node* node, Walk* walk) {
  switch (nodeTag(node)) {
    case T_AlterTableStmt:
      return alter_table(reinterpret_cast<AlterTableStmt*>(node), walk);
    case T_DropStmt: {
      auto* stmt = reinterpret_cast<DropStmt*>(node);
      walk->cascade = stmt->behavior == DROP_CASCADE;
      return visit_objects(walk, stmt->removeType, stmt->objects);
    }
    case T_DropOwnedStmt:
      walk->cascade = true;
      return;
    case T_TruncateStmt:
      walk->cascade = reinterpret_cast<TruncateStmt*>(node)->behavior == DROP_CASCADE;
      return visit_list(reinterpret_cast<TruncateStmt*>(node)->relations, walk);
    case T_RenameStmt: {
      auto* stmt = reinterpret_cast<RenameStmt*>(node);
      if (stmt->behavior == DROP_CASCADE) walk->cascade = true;
      return relation_or_object(walk, stmt->relation, stmt->renameType, &stmt->object);
    }
    case T_AlterObjectSchemaStmt: {
      auto* stmt = reinterpret_cast<AlterObjectSchemaStmt*>(node);
      return relation_or_object(walk, stmt->relation, stmt->objectType, &stmt->object);
    }
    case T_AlterOwnerStmt: {
      auto* stmt = reinterpret_cast<AlterOwnerStmt*>(node);
      return relation_or_object(walk, stmt->relation, stmt->objectType, &stmt->object);
    }
    case T_CommentStmt: {
      auto* stmt = reinterpret_cast<CommentStmt*>(node);
      return object(walk, stmt->objtype, &stmt->object);
    }
    case T_IndexStmt: {
      auto* stmt = reinterpret_cast<IndexStmt*>(node);
      relation(walk, stmt->relation, false);
      visit_list(stmt->indexParams, walk);
      visit_list(stmt->indexIncludingParams, walk);
      visit_list(stmt->options, walk);
      visit(stmt->whereClause, walk);
      return;
    }
    case T_CreateStmt:
      return create_table(reinterpret_cast<CreateStmt*>(node), walk);
    case T_ViewStmt:
      relation(walk, reinterpret_cast<ViewStmt*>(node)->view, true);
      visit(reinterpret_cast<ViewStmt*>(node)->query, walk);
      return;
    case T_ClusterStmt:
      visit(reinterpret_cast<Node*>(reinterpret_cast<ClusterStmt*>(node)->relation), walk);
      return;
    case T_VacuumStmt:
      return visit_list(reinterpret_cast<VacuumStmt*>(node)->rels, walk);
    case T_ReindexStmt:
      visit(reinterpret_cast<Node*>(reinterpret_cast<ReindexStmt*>(node)->relation), walk);
      return;
    case T_LockStmt:
      return visit_list(reinterpret_cast<LockStmt*>(node)->relations, walk);
    case T_RefreshMatViewStmt:
      return relation(walk, reinterpret_cast<RefreshMatViewStmt*>(node)->relation, false);
    case T_CreatePolicyStmt: {
      auto* stmt = reinterpret_cast<CreatePolicyStmt*>(node);
      relation(walk, stmt->table, false);
      visit(stmt->qual, walk);
      visit(stmt->with_check, walk);
      return;
    }
    case T_AlterPolicyStmt: {
      auto* stmt = reinterpret_cast<AlterPolicyStmt*>(node);
      relation(walk, stmt->table, false);
      visit(stmt->qual, walk);
      visit(stmt->with_check, walk);
      return;
    }
    case T_GrantStmt:
      return grant(reinterpret_cast<GrantStmt*>(node), walk);
    case T_GrantRoleStmt:
    case T_CreateRoleStmt:
    case T_AlterRoleStmt:
    case T_DropRoleStmt:
      return;  // roles have no schema
    case T_AlterEnumStmt:
      return type_list(walk, &reinterpret_cast<AlterEnumStmt*>(node)->typeName);
    case T_AlterDomainStmt:
      walk->cascade = reinterpret_cast<AlterDomainStmt*>(node)->behavior == DROP_CASCADE;
      type_list(walk, &reinterpret_cast<AlterDomainStmt*>(node)->typeName);
      visit(reinterpret_cast<AlterDomainStmt*>(node)->def, walk);
      return;
    case T_AlterSeqStmt:
      relation(walk, reinterpret_cast<AlterSeqStmt*>(node)->sequence, false);
      return visit_list(reinterpret_cast<AlterSeqStmt*>(node)->options, walk);
    case T_CreateSeqStmt:
      relation(walk, reinterpret_cast<CreateSeqStmt*>(node)->sequence, true);
      return visit_list(reinterpret_cast<CreateSeqStmt*>(node)->options, walk);
    case T_CreateTrigStmt: {
      auto* stmt = reinterpret_cast<CreateTrigStmt*>(node);
      relation(walk, stmt->relation, false);
      visit(reinterpret_cast<Node*>(stmt->constrrel), walk);
      visit(stmt->whenClause, walk);
      if (list_length(stmt->funcname) < 2) walk->path_bound = true;
      return;
    }
    case T_CreateSchemaStmt:
      if (reinterpret_cast<CreateSchemaStmt*>(node)->schemaElts != NIL) walk->path_bound = true;
      return;
    default:
      walk->path_bound = true;
  }
}

}  // namespace

static Node* walk_copy(const Node* node, Walk* walk) {
  auto* copy = static_cast<Node*>(copyObjectImpl(node));
  statement(copy, walk);
  return copy;
}

static char* effective_path() {
  StringInfoData out;
  initStringInfo(&out);
  ListCell* cell;
  foreach (cell, fetch_search_path(true)) {
    const char* schema = get_namespace_name(lfirst_oid(cell));
    if (schema == nullptr) continue;
    if (strncmp(schema, "pg_temp_", 8) == 0) schema = "pg_temp";
    appendStringInfo(&out, "%s%s", out.len > 0 ? ", " : "", quote_identifier(schema));
  }
  return out.data;
}

}  // namespace raw

Canonical canonical(const Node* statement) {
  raw::Walk walk = {};
  Canonical out;
  out.tree = pg::call([&] { return raw::walk_copy(statement, &walk); });
  ListCell* cell;
  foreach (cell, walk.names)
    out.names.emplace_back(strVal(lfirst(cell)));
  foreach (cell, walk.relations)
    out.relations.push_back(lfirst_oid(cell));
  foreach (cell, walk.objects) {
    const auto* address = static_cast<ObjectAddress*>(lfirst(cell));
    out.objects.push_back({address->classId, address->objectId, address->objectSubId});
  }
  if (IsA(statement, DropOwnedStmt)) {
    foreach (cell, reinterpret_cast<const DropOwnedStmt*>(statement)->roles) {
      auto* role = lfirst_node(RoleSpec, cell);
      const Oid oid = pg::call([&] { return get_rolespec_oid(role, true); });
      if (!OidIsValid(oid)) continue;
      for (const pg::Object& object : pg::owned_by(oid))
        out.objects.push_back(object);
    }
  }
  out.path_bound = walk.path_bound;
  out.cascade = walk.cascade;
  return out;
}

Node* canonical_with(const Node* statement, const std::vector<std::string>& names) {
  raw::Walk walk = {};
  walk.replays = true;
  for (const std::string& name : names)
    pg::call([&] { walk.given = lappend(walk.given, makeString(pstrdup(name.c_str()))); });
  return pg::call([&] { return raw::walk_copy(statement, &walk); });
}

bool same_statement(const Node* a, const Node* b) {
  return pg::call([&] { return equal(a, b); });
}

std::string effective_path() {
  return pg::call([] { return raw::effective_path(); });
}

}  // namespace strata::guard
