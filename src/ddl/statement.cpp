// Owns: reading parse trees (see statement.hpp): one small function a kind of statement.
#include "ddl/statement.hpp"

#include "catalog/registry.hpp"
#include "ddl/subcommand.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "access/relation.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_type.h"
#include "commands/tablecmds.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
}

namespace strata::ddl {
namespace {

void add_relation(Statement& out, RangeVar* name, LOCKMODE mode, bool inheritors = false) {
  if (name == nullptr) return;
  const Oid relation = pg::resolve(name);
  if (!OidIsValid(relation)) return;
  out.relations.push_back({relation, mode, name});
  if (!inheritors) return;
  for (const Oid child : pg::with_inheritors(relation))
    if (child != relation) out.relations.push_back({child, mode, nullptr});
}

// Adds a relation that the statement locks without naming it.
void add_unnamed(Statement& out, Oid relation, LOCKMODE mode) {
  if (OidIsValid(relation)) out.relations.push_back({relation, mode, nullptr});
}

// A foreign key gets triggers on the table it references, under this lock.
void add_referenced(Statement& out, const Node* constraint) {
  const auto* key = reinterpret_cast<const Constraint*>(constraint);
  if (constraint == nullptr || !IsA(constraint, Constraint) || key->contype != CONSTR_FOREIGN)
    return;
  const Oid referenced = pg::resolve(key->pktable);
  const char kind = pg::relation_kind(referenced);
  if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE) return;
  // Whoever may not reference it shall not make its clients wait.
  if (!pg::owns_relation(referenced) && !pg::has_privilege(referenced, ACL_REFERENCES)) return;
  add_unnamed(out, referenced, ShareRowExclusiveLock);
}

void add_referenced_by_column(Statement& out, const ColumnDef* column) {
  ListCell* cell;
  foreach (cell, column->constraints)
    add_referenced(out, static_cast<Node*>(lfirst(cell)));
}

// Tables that lose the triggers of foreign keys which go with `relation`, a table or a
// constraint's.
void add_keys_of(Statement& out, Oid relation, const char* constraint) {
  for (const Oid referenced : pg::referenced_by(relation, constraint))
    add_unnamed(out, referenced, AccessExclusiveLock);
}

// Returns true when a USING expression does nothing but cast the column.
bool only_casts(Node* expression, const char* column) {
  while (expression != nullptr) {
    if (IsA(expression, TypeCast))
      expression = reinterpret_cast<TypeCast*>(expression)->arg;
    else if (IsA(expression, CollateClause))
      expression = reinterpret_cast<CollateClause*>(expression)->arg;
    else
      break;
  }
  if (expression == nullptr) return true;
  if (!IsA(expression, ColumnRef)) return false;
  auto* last = static_cast<Node*>(llast(reinterpret_cast<ColumnRef*>(expression)->fields));
  return IsA(last, String) && strcmp(strVal(last), column) == 0;
}

struct TypeAndMod {
  Oid type;
  int32 typmod;
};

// Only for columns of relations that versions read: what is wrong with the type is core's to say.
void add_retype(Statement& out, Oid relation, AlterTableCmd* command) {
  std::vector<Oid> targets;
  for (const Oid target : pg::with_inheritors(relation))
    if (!catalog::registry().views_of(target).empty()) targets.push_back(target);
  if (targets.empty()) return;
  auto* definition = reinterpret_cast<ColumnDef*>(command->def);
  const TypeAndMod type = pg::call([&] {
    TypeAndMod found{InvalidOid, -1};
    if (OidIsValid(LookupTypeNameOid(nullptr, definition->typeName, true)))
      typenameTypeIdAndMod(nullptr, definition->typeName, &found.type, &found.typmod);
    return found;
  });
  if (!OidIsValid(type.type)) return;
  for (const Oid target : targets) {
    const AttrNumber attnum = pg::attribute_number(target, command->name);
    if (attnum <= 0) continue;
    const pg::Attribute attribute = pg::attributes(target).at(attnum);
    out.retypes.push_back({target, attnum, command->name, type.type, type.typmod, attribute.type,
                           attribute.typmod, attribute.collation,
                           only_casts(definition->raw_default, command->name)});
  }
}

void add_drop_column(Statement& out, Oid relation, AlterTableCmd* command, bool inheritors) {
  if (command->behavior == DROP_CASCADE) out.cascade = true;
  const std::vector<Oid> targets =
      inheritors ? pg::losing_column(relation, command->name) : std::vector<Oid>{relation};
  for (const Oid target : targets) {
    const AttrNumber attnum = pg::attribute_number(target, command->name);
    if (attnum > 0) out.drops.push_back({RelationRelationId, target, attnum});
  }
}

void alter_type_attributes(Statement& out, RangeVar* name) {
  const Oid type = pg::call([&] {
    TypeName* type_name = makeTypeNameFromNameList(
        name->schemaname ? list_make2(makeString(name->schemaname), makeString(name->relname))
                         : list_make1(makeString(name->relname)));
    return LookupTypeNameOid(nullptr, type_name, true);
  });
  if (OidIsValid(type)) out.altered_types.push_back({TypeRelationId, type, 0});
}

void alter_table(Statement& out, AlterTableStmt* stmt) {
  if (stmt->objtype == OBJECT_TYPE) return alter_type_attributes(out, stmt->relation);
  const Oid relation = pg::resolve(stmt->relation);
  if (!OidIsValid(relation)) return;
  const LOCKMODE mode = pg::call([&] { return AlterTableGetLockLevel(stmt->cmds); });
  add_relation(out, stmt->relation, mode, stmt->relation->inh);
  if (!pg::owns_relation(relation)) return;  // nothing will happen, so nothing else is looked at
  ListCell* cell;
  foreach (cell, stmt->cmds) {
    auto* command = lfirst_node(AlterTableCmd, cell);
    out.restricts_inserts = out.restricts_inserts || may_restrict_inserts(command->subtype);
    switch (command->subtype) {
      case AT_AlterColumnType:
        add_retype(out, relation, command);
        break;
      case AT_DropColumn:
        add_drop_column(out, relation, command, stmt->relation->inh);
        break;
      case AT_AddColumn:
        add_referenced_by_column(out, castNode(ColumnDef, command->def));
        break;
      case AT_AddConstraint:
        add_referenced(out, command->def);
        break;
      case AT_DropConstraint:
        add_keys_of(out, relation, command->name);
        break;
      case AT_AttachPartition:
      case AT_DetachPartition:
        if (command->def != nullptr)
          add_relation(out, reinterpret_cast<PartitionCmd*>(command->def)->name,
                       AccessExclusiveLock);
        out.in_pieces =
            out.in_pieces || (command->subtype == AT_DetachPartition &&
                              reinterpret_cast<PartitionCmd*>(command->def)->concurrent);
        break;
      default:
        break;
    }
  }
}

void rename(Statement& out, RenameStmt* stmt) {
  switch (stmt->renameType) {
    case OBJECT_SCHEMA:
      out.renamed_schema = stmt->subname;
      out.new_schema = stmt->newname;
      out.makes_name = true;
      break;
    case OBJECT_COLUMN:
      add_relation(out, stmt->relation, AccessExclusiveLock, stmt->relation->inh);
      for (const TargetRelation& target : out.relations)
        out.renamed_columns.push_back({target.relation, stmt->subname, stmt->newname});
      break;
    case OBJECT_ATTRIBUTE:
      alter_type_attributes(out, stmt->relation);
      break;
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_FOREIGN_TABLE:
      add_relation(out, stmt->relation, AccessExclusiveLock);
      if (!out.relations.empty()) out.renamed_relation = out.relations.front().relation;
      out.makes_name = true;
      break;
    case OBJECT_TABCONSTRAINT:
    case OBJECT_POLICY:
    case OBJECT_RULE:
    case OBJECT_TRIGGER:
      add_relation(out, stmt->relation, AccessExclusiveLock);
      break;
    default:
      break;
  }
}

bool is_relation_type(ObjectType type) {
  return type == OBJECT_TABLE || type == OBJECT_VIEW || type == OBJECT_MATVIEW ||
         type == OBJECT_FOREIGN_TABLE || type == OBJECT_SEQUENCE || type == OBJECT_INDEX;
}

pg::Object object_named(ObjectType type, Node* name) {
  const ObjectAddress found = pg::call([&] {
    Relation rel = nullptr;
    ObjectAddress address = get_object_address(type, name, &rel, AccessShareLock, true);
    if (rel != nullptr) relation_close(rel, AccessShareLock);
    // The lock does not stay. Kept, two sessions that drop the same object would deadlock.
    else if (OidIsValid(address.objectId) && !IsSharedRelation(address.classId))
      UnlockDatabaseObject(address.classId, address.objectId, 0, AccessShareLock);
    else if (OidIsValid(address.objectId))
      UnlockSharedObject(address.classId, address.objectId, 0, AccessShareLock);
    return address;
  });
  return {found.classId, found.objectId, found.objectSubId};
}

void drop(Statement& out, DropStmt* stmt) {
  out.cascade = stmt->behavior == DROP_CASCADE;
  out.in_pieces = stmt->concurrent;
  out.schema_owner_suffices = true;
  out.drops_only_tables = stmt->removeType == OBJECT_TABLE || stmt->removeType == OBJECT_INDEX;
  ListCell* cell;
  foreach (cell, stmt->objects) {
    auto* name = static_cast<Node*>(lfirst(cell));
    if (is_relation_type(stmt->removeType)) {
      RangeVar* relation = pg::call([&] { return makeRangeVarFromNameList(castNode(List, name)); });
      const Oid oid = pg::resolve(relation);
      if (!OidIsValid(oid)) continue;
      out.drops.push_back({RelationRelationId, oid, 0});
      if (stmt->removeType == OBJECT_INDEX) {
        if (!out.in_pieces) add_unnamed(out, pg::table_of_index(oid), AccessExclusiveLock);
        continue;
      }
      // Core locks the parent of a partition first, and the tables its foreign keys lead to last.
      if (pg::is_partition(oid)) add_unnamed(out, pg::parent_of(oid), AccessExclusiveLock);
      add_relation(out, relation, AccessExclusiveLock, true);
      if (stmt->removeType == OBJECT_TABLE) add_keys_of(out, oid, nullptr);
    } else if (stmt->removeType == OBJECT_TRIGGER || stmt->removeType == OBJECT_RULE ||
               stmt->removeType == OBJECT_POLICY) {
      auto* names = castNode(List, name);
      if (list_length(names) < 2) continue;
      add_relation(out, pg::call([&] {
                     return makeRangeVarFromNameList(list_copy_head(names, list_length(names) - 1));
                   }),
                   AccessExclusiveLock);
    } else {
      const pg::Object object = object_named(stmt->removeType, name);
      if (OidIsValid(object.objid)) out.drops.push_back(object);
    }
  }
}

void drop_owned(Statement& out, DropOwnedStmt* stmt) {
  out.drops_owned = true;
  out.cascade = stmt->behavior == DROP_CASCADE;
  ListCell* cell;
  foreach (cell, stmt->roles) {
    auto* role = lfirst_node(RoleSpec, cell);
    const Oid oid = pg::call([&] { return get_rolespec_oid(role, true); });
    if (!OidIsValid(oid) || !pg::acts_for(oid)) continue;
    for (const pg::Object& object : pg::owned_by(oid))
      out.drops.push_back(object);
  }
}

void set_schema(Statement& out, AlterObjectSchemaStmt* stmt) {
  if (!is_relation_type(stmt->objectType) || stmt->relation == nullptr) return;
  add_relation(out, stmt->relation, AccessExclusiveLock);
  if (!out.relations.empty()) out.renamed_relation = out.relations.front().relation;
  out.makes_name = true;
}

void each_relation(Statement& out, List* names, LOCKMODE mode, bool inheritors) {
  ListCell* cell;
  foreach (cell, names) {
    auto* name = lfirst_node(RangeVar, cell);
    add_relation(out, name, mode, inheritors && name->inh);
  }
}

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

void references_of(Statement& out, const CreateStmt* stmt) {
  ListCell* cell;
  foreach (cell, stmt->tableElts) {
    auto* element = static_cast<Node*>(lfirst(cell));
    if (IsA(element, ColumnDef))
      add_referenced_by_column(out, reinterpret_cast<ColumnDef*>(element));
    else
      add_referenced(out, element);
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
    case T_VacuumStmt:
    case T_IndexStmt:
    case T_CreateTrigStmt:
    case T_RuleStmt:
    case T_CreatePolicyStmt:
    case T_AlterPolicyStmt:
    case T_AlterEnumStmt:
    case T_CreateStmt:
    case T_CreateForeignTableStmt:
    case T_CreateTableAsStmt:
    case T_ViewStmt:
    case T_CreateSchemaStmt:
    case T_ImportForeignSchemaStmt:
    case T_AlterExtensionContentsStmt:
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
      each_relation(out, castNode(TruncateStmt, tree)->relations, AccessExclusiveLock, true);
      break;
    case T_LockStmt:
      out.privilege = ACL_UPDATE | ACL_DELETE | ACL_TRUNCATE;
      out.nowait = castNode(LockStmt, tree)->nowait;
      each_relation(out, castNode(LockStmt, tree)->relations, castNode(LockStmt, tree)->mode, true);
      break;
    case T_ClusterStmt:
      if (castNode(ClusterStmt, tree)->relation)
        add_relation(out, castNode(ClusterStmt, tree)->relation, AccessExclusiveLock);
      out.in_pieces = castNode(ClusterStmt, tree)->relation == nullptr;
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
    case T_AlterEnumStmt:
      enum_change(out, castNode(AlterEnumStmt, tree));
      break;
    case T_CreateStmt:
    case T_CreateForeignTableStmt:
      out.makes_name = true;
      references_of(out, reinterpret_cast<CreateStmt*>(tree));
      if (reinterpret_cast<CreateStmt*>(tree)->partbound != nullptr)
        each_relation(out, reinterpret_cast<CreateStmt*>(tree)->inhRelations, AccessExclusiveLock,
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
