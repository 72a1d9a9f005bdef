// Owns: where each kind of statement has its names (see walk.hpp). A kind that is not listed is
// bound to the search_path.
#include "ddl/retire_call.hpp"
#include "guard/walk.hpp"

namespace strata::guard::raw {
namespace {

void alter_table(AlterTableStmt* stmt, Walk* walk) {
  relation(walk, stmt->relation, false);
  ListCell* cell;
  foreach (cell, stmt->cmds) {
    auto* command = lfirst_node(AlterTableCmd, cell);
    visit(command->def, walk);
    visit(reinterpret_cast<Node*>(command->newowner), walk);
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
  visit_list(stmt->grantees, walk);
  visit(reinterpret_cast<Node*>(stmt->grantor), walk);
  // What is in the schema is part of what was approved, as with CASCADE.
  const bool all = stmt->targtype == ACL_TARGET_ALL_IN_SCHEMA;
  objects(walk, all ? OBJECT_SCHEMA : stmt->objtype, stmt->objects);
  if (all) walk->cascade = true;
  if (stmt->behavior == DROP_CASCADE) walk->cascade = true;
}

// Without FOR ROLE it is about objects of whoever runs it.
void default_privileges(AlterDefaultPrivilegesStmt* stmt, Walk* walk) {
  bool named = false;
  ListCell* cell;
  foreach (cell, stmt->options) {
    auto* option = lfirst_node(DefElem, cell);
    if (strcmp(option->defname, "roles") != 0) continue;
    named = true;
    visit(option->arg, walk);
  }
  if (!named) walk->by_session = true;
  visit_list(stmt->action->grantees, walk);
}

// However it is spelled, it is the base and the version that count.
bool retire(SelectStmt* stmt, Walk* walk) {
  ddl::RetireCall call;
  if (!ddl::read_retire_call(reinterpret_cast<Node*>(stmt), &call)) return false;
  const char* const base = ddl::raw::schema_named_in(call.base);
  stmt->targetList = list_make2(makeString(pstrdup(base != nullptr ? base : call.base)),
                                makeString(pstrdup(call.version)));
  walk->cascade = true;
  return true;
}

}  // namespace

void statement(Node* node, Walk* walk) {
  switch (nodeTag(node)) {
    case T_SelectStmt:
      if (!retire(reinterpret_cast<SelectStmt*>(node), walk)) walk->path_bound = true;
      return;
    case T_AlterTableStmt:
      return alter_table(reinterpret_cast<AlterTableStmt*>(node), walk);
    case T_DropStmt: {
      auto* stmt = reinterpret_cast<DropStmt*>(node);
      walk->cascade = stmt->behavior == DROP_CASCADE;
      return objects(walk, stmt->removeType, stmt->objects);
    }
    case T_DropOwnedStmt:
      walk->cascade = true;
      return visit_list(reinterpret_cast<DropOwnedStmt*>(node)->roles, walk);
    case T_ReassignOwnedStmt:
      visit(reinterpret_cast<Node*>(reinterpret_cast<ReassignOwnedStmt*>(node)->newrole), walk);
      return visit_list(reinterpret_cast<ReassignOwnedStmt*>(node)->roles, walk);
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
      visit(reinterpret_cast<Node*>(stmt->newowner), walk);
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
      visit_list(stmt->roles, walk);
      relation(walk, stmt->table, false);
      visit(stmt->qual, walk);
      visit(stmt->with_check, walk);
      return;
    }
    case T_AlterPolicyStmt: {
      auto* stmt = reinterpret_cast<AlterPolicyStmt*>(node);
      visit_list(stmt->roles, walk);
      relation(walk, stmt->table, false);
      visit(stmt->qual, walk);
      visit(stmt->with_check, walk);
      return;
    }
    case T_GrantStmt:
      return grant(reinterpret_cast<GrantStmt*>(node), walk);
    case T_GrantRoleStmt:
      visit(reinterpret_cast<Node*>(reinterpret_cast<GrantRoleStmt*>(node)->grantor), walk);
      return visit_list(reinterpret_cast<GrantRoleStmt*>(node)->grantee_roles, walk);
    case T_AlterRoleStmt:
      visit(reinterpret_cast<Node*>(reinterpret_cast<AlterRoleStmt*>(node)->role), walk);
      return;
    case T_AlterRoleSetStmt:
      visit(reinterpret_cast<Node*>(reinterpret_cast<AlterRoleSetStmt*>(node)->role), walk);
      return;
    case T_DropRoleStmt:
      return visit_list(reinterpret_cast<DropRoleStmt*>(node)->roles, walk);
    case T_VariableSetStmt:
    case T_AlterDatabaseSetStmt:
    case T_AlterSystemStmt:
    case T_CreateRoleStmt:
      return;  // roles, databases and settings have no schema
    case T_AlterDefaultPrivilegesStmt:
      return default_privileges(reinterpret_cast<AlterDefaultPrivilegesStmt*>(node), walk);
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
      visit(reinterpret_cast<Node*>(reinterpret_cast<CreateSchemaStmt*>(node)->authrole), walk);
      return;
    default:
      walk->path_bound = true;
  }
}

}  // namespace strata::guard::raw
