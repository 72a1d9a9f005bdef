// Owns: which statements are read, and the kinds of which little is to be said (see statement.hpp).
#include "ddl/statement.hpp"

#include "ddl/alter_table.hpp"
#include "ddl/drop.hpp"
#include "ddl/rename.hpp"
#include "ddl/targets.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
}

namespace strata::ddl {
namespace {

void vacuum(Statement& out, VacuumStmt* stmt) {
  bool full = false;
  ListCell* cell;
  foreach (cell, stmt->options) {
    auto* option = lfirst_node(DefElem, cell);
    if (strcmp(option->defname, "full") == 0)
      full = pg::call([&] { return defGetBoolean(option); });
  }
  out.in_pieces = true;
  if (!stmt->is_vacuumcmd || !full) return;
  foreach (cell, stmt->rels) {
    auto* relation = lfirst_node(VacuumRelation, cell);
    if (relation->relation) add_relation(out, relation->relation, AccessExclusiveLock);
  }
}

// CREATE OR REPLACE VIEW replaces what has the name in the schema it creates in; a relation of that
// name further down the search_path is another one.
void view(Statement& out, ViewStmt* stmt) {
  out.makes_name = true;
  if (!stmt->replace || stmt->view->relpersistence == RELPERSISTENCE_TEMP) return;
  const Oid replaced = pg::call([&] {
    Oid schema = InvalidOid;
    if (stmt->view->schemaname != nullptr)
      schema = LookupNamespaceNoError(stmt->view->schemaname);
    else if (List* path = fetch_search_path(false); path != NIL)
      schema = linitial_oid(path);
    return OidIsValid(schema) ? get_relname_relid(stmt->view->relname, schema) : InvalidOid;
  });
  if (OidIsValid(replaced)) out.relations.push_back({replaced, AccessExclusiveLock, stmt->view});
}

void enum_change(Statement& out, AlterEnumStmt* stmt) {
  if (stmt->oldVal == nullptr) return;  // ADD VALUE takes nothing from anybody
  const Oid type = pg::call(
      [&] { return LookupTypeNameOid(nullptr, makeTypeNameFromNameList(stmt->typeName), true); });
  if (OidIsValid(type)) out.altered_types.push_back({TypeRelationId, type, 0});
}

// The server locks the tables that have columns of the domain while it checks what they hold.
void domain(Statement& out, AlterDomainStmt* stmt) {
  const bool constrains = stmt->subtype == 'O' || stmt->subtype == 'C';
  if (!constrains && stmt->subtype != 'T') return;
  const Oid type = pg::call(
      [&] { return LookupTypeNameOid(nullptr, makeTypeNameFromNameList(stmt->typeName), true); });
  if (pg::call([&] { return !OidIsValid(type) || get_typtype(type) != TYPTYPE_DOMAIN; })) return;
  out.altered_domain = type;
  if (!constrains || !pg::may_drop({TypeRelationId, type, 0})) return;
  for (const pg::Object& column : pg::columns_of_domain(type))
    if (pg::relation_kind(column.objid) == RELKIND_RELATION)
      add_unnamed(out, column.objid, ShareLock);
}

}  // namespace

bool concerns(const Node* parse_tree) {
  switch (nodeTag(parse_tree)) {
    case T_AlterTableStmt:
    case T_RenameStmt:
    case T_DropStmt:
    case T_DropOwnedStmt:
    case T_AlterObjectSchemaStmt:
    case T_TruncateStmt:
    case T_LockStmt:
    case T_ClusterStmt:
    case T_RefreshMatViewStmt:
    case T_VacuumStmt:
    case T_IndexStmt:
    case T_CreateTrigStmt:
    case T_RuleStmt:
    case T_CreatePolicyStmt:
    case T_AlterPolicyStmt:
    case T_AlterDomainStmt:
    case T_AlterEnumStmt:
    case T_AlterOwnerStmt:
    case T_CreateStmt:
    case T_CreateForeignTableStmt:
    case T_CreateTableAsStmt:
    case T_ViewStmt:
    case T_CreateSchemaStmt:
    case T_ImportForeignSchemaStmt:
      return true;
    default:
      return false;
  }
}

std::optional<Statement> describe(Node* tree) {
  Statement out;
  switch (nodeTag(tree)) {
    case T_AlterTableStmt:
      alter_table(out, castNode(AlterTableStmt, tree));
      break;
    case T_RenameStmt:
      rename(out, castNode(RenameStmt, tree));
      break;
    case T_DropStmt:
      drop(out, castNode(DropStmt, tree));
      break;
    case T_DropOwnedStmt:
      drop_owned(out, castNode(DropOwnedStmt, tree));
      break;
    case T_AlterObjectSchemaStmt:
      set_schema(out, castNode(AlterObjectSchemaStmt, tree));
      break;
    case T_TruncateStmt:
      out.privilege = ACL_TRUNCATE;
      add_relations(out, castNode(TruncateStmt, tree)->relations, AccessExclusiveLock, true);
      if (castNode(TruncateStmt, tree)->behavior == DROP_CASCADE) add_truncated_along(out);
      break;
    case T_LockStmt:
      out.privilege = ACL_UPDATE | ACL_DELETE | ACL_TRUNCATE;
      out.nowait = castNode(LockStmt, tree)->nowait;
      add_relations(out, castNode(LockStmt, tree)->relations, castNode(LockStmt, tree)->mode, true);
      break;
    case T_ClusterStmt:
      if (castNode(ClusterStmt, tree)->relation)
        add_relation(out, castNode(ClusterStmt, tree)->relation, AccessExclusiveLock);
      out.in_pieces = castNode(ClusterStmt, tree)->relation == nullptr;
      break;
    case T_RefreshMatViewStmt:
      add_relation(
          out, castNode(RefreshMatViewStmt, tree)->relation,
          castNode(RefreshMatViewStmt, tree)->concurrent ? ExclusiveLock : AccessExclusiveLock);
      break;
    case T_VacuumStmt:
      vacuum(out, castNode(VacuumStmt, tree));
      break;
    case T_IndexStmt:
      out.in_pieces = castNode(IndexStmt, tree)->concurrent;
      if (!out.in_pieces) add_relation(out, castNode(IndexStmt, tree)->relation, ShareLock, true);
      break;
    case T_CreateTrigStmt:
      out.privilege = ACL_TRIGGER;
      add_relation(out, castNode(CreateTrigStmt, tree)->relation, ShareRowExclusiveLock);
      break;
    case T_RuleStmt:
      add_relation(out, castNode(RuleStmt, tree)->relation, AccessExclusiveLock);
      break;
    case T_CreatePolicyStmt:
      add_relation(out, castNode(CreatePolicyStmt, tree)->table, AccessExclusiveLock);
      break;
    case T_AlterPolicyStmt:
      add_relation(out, castNode(AlterPolicyStmt, tree)->table, AccessExclusiveLock);
      break;
    case T_AlterDomainStmt:
      domain(out, castNode(AlterDomainStmt, tree));
      break;
    case T_AlterEnumStmt:
      enum_change(out, castNode(AlterEnumStmt, tree));
      break;
    case T_AlterOwnerStmt:
      out.changes_owner = castNode(AlterOwnerStmt, tree)->objectType == OBJECT_SCHEMA;
      if (out.changes_owner) out.schema = strVal(castNode(AlterOwnerStmt, tree)->object);
      break;
    case T_CreateStmt:
    case T_CreateForeignTableStmt:
      out.makes_name = true;
      add_referenced_by_table(out, reinterpret_cast<CreateStmt*>(tree));
      if (reinterpret_cast<CreateStmt*>(tree)->partbound != nullptr)
        add_relations(out, reinterpret_cast<CreateStmt*>(tree)->inhRelations, AccessExclusiveLock,
                      false);
      break;
    case T_CreateTableAsStmt:
      out.makes_name = true;
      break;
    case T_ViewStmt:
      view(out, castNode(ViewStmt, tree));
      break;
    case T_CreateSchemaStmt:  // its elements are subcommands, which the hook leaves alone
    case T_ImportForeignSchemaStmt:
      out.makes_name = true;
      break;
    default:
      return std::nullopt;
  }
  return out;
}

}  // namespace strata::ddl