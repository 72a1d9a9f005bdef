// Owns: reading ALTER TABLE (see alter_table.hpp).
#include "ddl/alter_table.hpp"

#include "catalog/registry.hpp"
#include "ddl/subcommand.hpp"
#include "ddl/targets.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "commands/tablecmds.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
}

namespace strata::ddl {
namespace {

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
    if (attnum <= 0) continue;
    out.drops.push_back({RelationRelationId, target, attnum});
    out.dropped_columns.push_back({target, attnum, command->name});
  }
}

// With CASCADE the foreign keys that need it go too, and views that group by a primary key.
void add_drop_constraint(Statement& out, Oid relation, AlterTableCmd* command) {
  if (command->behavior != DROP_CASCADE) return;
  const Oid constraint = pg::constraint_oid(relation, command->name);
  if (!OidIsValid(constraint)) return;
  out.cascade = true;
  out.drops.push_back({ConstraintRelationId, constraint, 0});
}

}  // namespace

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
      case AT_ChangeOwner:
        out.changes_owner = true;
        break;
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
        add_drop_constraint(out, relation, command);
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

}  // namespace strata::ddl
