// Owns: what is surely none of our business (see elsewhere.hpp).
#include "ddl/elsewhere.hpp"

#include "catalog/registry.hpp"
#include "pg/depend.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/table_facts.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
}

namespace strata::ddl {
namespace {

bool is_other(Oid schema) {
  const catalog::Registry& registry = catalog::registry();
  return OidIsValid(schema) && registry.base_schema(schema) == nullptr &&
         registry.version_of_schema(schema) == nullptr && schema != pg::schema_oid("strata");
}

// A table without relatives, or an index, of another schema.
bool stands_elsewhere(const RangeVar* name) {
  if (name == nullptr || name->catalogname != nullptr) return false;
  const Oid relation = pg::resolve(name);
  if (!OidIsValid(relation)) return false;
  const pg::TableFacts facts = pg::table_facts(relation);
  if (facts.kind != RELKIND_RELATION && facts.kind != RELKIND_INDEX) return false;
  return is_other(facts.schema) && !facts.partition &&
         pg::call([&] { return !has_subclass(relation) && !has_superclass(relation); });
}

bool all_stand_elsewhere(const List* names) {
  ListCell* cell;
  foreach (cell, names) {
    const RangeVar* name =
        pg::call([&] { return makeRangeVarFromNameList(lfirst_node(List, cell)); });
    if (!stands_elsewhere(name)) return false;
  }
  return true;
}

bool refers_to_others(const List* constraints) {
  ListCell* cell;
  foreach (cell, constraints)
    if (IsA(lfirst(cell), Constraint) && lfirst_node(Constraint, cell)->contype == CONSTR_FOREIGN)
      return true;
  return false;
}

bool is_about_one_table(const AlterTableCmd* command) {
  switch (command->subtype) {
    case AT_AddColumn:
      return !refers_to_others(castNode(ColumnDef, command->def)->constraints);
    case AT_AddConstraint:
      return castNode(Constraint, command->def)->contype != CONSTR_FOREIGN;
    case AT_DropColumn:
    case AT_DropConstraint:
      return command->behavior == DROP_RESTRICT;
    case AT_ColumnDefault:
    case AT_DropNotNull:
    case AT_SetNotNull:
    case AT_SetStatistics:
    case AT_SetOptions:
    case AT_ResetOptions:
    case AT_SetStorage:
    case AT_AlterColumnType:
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
      return true;
    default:
      return false;
  }
}

bool alters_elsewhere(const AlterTableStmt* statement) {
  ListCell* cell;
  foreach (cell, statement->cmds)
    if (!is_about_one_table(lfirst_node(AlterTableCmd, cell))) return false;
  return stands_elsewhere(statement->relation);
}

bool creates_elsewhere(CreateStmt* statement) {
  if (statement->inhRelations != NIL || statement->ofTypename != nullptr ||
      refers_to_others(statement->constraints))
    return false;
  ListCell* cell;
  foreach (cell, statement->tableElts) {
    auto* element = static_cast<Node*>(lfirst(cell));
    if (IsA(element, ColumnDef) && refers_to_others(castNode(ColumnDef, element)->constraints))
      return false;
    if (IsA(element, Constraint) && castNode(Constraint, element)->contype == CONSTR_FOREIGN)
      return false;
  }
  return is_other(pg::call([&] { return RangeVarGetCreationNamespace(statement->relation); }));
}

bool drops_elsewhere(const DropStmt* statement) {
  return (statement->removeType == OBJECT_TABLE || statement->removeType == OBJECT_INDEX) &&
         statement->behavior == DROP_RESTRICT && all_stand_elsewhere(statement->objects);
}

// Views, keys and code of others, which may be tracked, name it in their definitions.
bool is_mentioned(const RangeVar* name) {
  const Oid relation = pg::resolve(name);
  for (const pg::Dependency& dependent : pg::dependents_of({RelationRelationId, relation, 0})) {
    const bool is_its_own = dependent.object.classid == RelationRelationId ||
                            dependent.object.classid == TypeRelationId ||
                            pg::relation_of_part(dependent.object) == relation;
    if (!is_its_own) return true;
  }
  return false;
}

bool renames_elsewhere(const RenameStmt* statement) {
  switch (statement->renameType) {
    case OBJECT_COLUMN:
    case OBJECT_TABLE:
    case OBJECT_INDEX:
    case OBJECT_TABCONSTRAINT:
      return stands_elsewhere(statement->relation) && !is_mentioned(statement->relation);
    default:
      return false;
  }
}

}  // namespace

bool surely_elsewhere(Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterTableStmt:
      return alters_elsewhere(castNode(AlterTableStmt, tree));
    case T_CreateStmt:
      return creates_elsewhere(castNode(CreateStmt, tree));
    case T_DropStmt:
      return drops_elsewhere(castNode(DropStmt, tree));
    case T_IndexStmt:
      return stands_elsewhere(castNode(IndexStmt, tree)->relation);
    case T_RenameStmt:
      return renames_elsewhere(castNode(RenameStmt, tree));
    default:
      return false;
  }
}

}  // namespace strata::ddl
