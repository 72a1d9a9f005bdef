// Owns: facts about ALTER TABLE and its subcommands that are said in a line or two; the others are
// in files of their own (facts_parts.hpp).
#include "ddl/facts_parts.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/pg_constraint.h"
#include "commands/tablecmds.h"
}

namespace strata::ddl {
namespace {

// Returns true for subcommands that tablecmds.c carries out on inheritors too (ATPrepCmd).
bool recurses(const AlterTableCmd* command) {
  switch (command->subtype) {
    case AT_AddColumn:
    case AT_ColumnDefault:
    case AT_DropNotNull:
    case AT_SetNotNull:
    case AT_DropExpression:
    case AT_SetStatistics:
    case AT_SetStorage:
    case AT_DropColumn:
    case AT_AlterConstraint:
    case AT_ValidateConstraint:
    case AT_DropConstraint:
    case AT_AlterColumnType:
      return true;
    case AT_AddConstraint:
      // Indexes of partitions and keys are made under locks of their own.
      return castNode(Constraint, command->def)->contype == CONSTR_CHECK ||
             castNode(Constraint, command->def)->contype == CONSTR_NOTNULL;
    default:
      return strata_compat_sets_expression(command);
  }
}

void drop_column(FactsBuilder& out, Oid table, bool inheritors, const AlterTableCmd* command) {
  std::vector<pg::Object> roots;
  const std::vector<Oid> targets =
      inheritors ? pg::losing_column(table, command->name) : std::vector<Oid>{table};
  for (const Oid target : targets)
    if (const auto column = pg::column_facts(target, command->name); column.exists())
      roots.push_back({RelationRelationId, target, column.attnum});
  add_drops(out, roots, command->behavior == DROP_CASCADE);
}

void set_not_null(FactsBuilder& out, Oid table, bool inheritors, const char* name) {
  for (const Oid target : tree_of(table, inheritors)) {
    if (out.foreseen() != nullptr && out.foreseen()->proves_not_null(target, name)) continue;
    const pg::ColumnFacts column = pg::column_facts(target, name);
    if (!column.exists() && out.foreseen() == nullptr) continue;
    if (column.exists() && (column.not_null || pg::proves_not_null(target, column.attnum)))
      continue;
    out.scan(target);  // also when an earlier statement of the text adds the column
    out.break_writers(target);
  }
}

// A stored column is computed anew in every row.
void set_expression(FactsBuilder& out, Oid table, bool inheritors, const char* name) {
  out.break_readers(table);
  out.irreversible();
  out.facts.may_lose_values = true;
  for (const Oid target : tree_of(table, inheritors))
    if (pg::column_facts(target, name).generated == ATTRIBUTE_GENERATED_STORED) out.rewrite(target);
}

void column_facts_of(FactsBuilder& out, Oid table, bool inheritors, const AlterTableCmd* command) {
  const pg::ColumnFacts column = pg::column_facts(table, command->name);
  switch (command->subtype) {
    case AT_ColumnDefault:
      if (command->def == nullptr && column.has_default) out.break_writers(table);
      break;
    case AT_DropNotNull:
      if (!column.not_null) break;
      out.break_readers(table);
      // Since 18 it is a constraint with a name of its own.
      for (const Oid target : tree_of(table, inheritors))
        for (const pg::ConstraintFacts& constraint : pg::constraints_of(target))
          if (constraint.type == 'n' &&
              constraint.on(pg::column_facts(target, command->name).attnum))
            add_removed(out, {ConstraintRelationId, constraint.oid, 0});
      break;
    case AT_SetNotNull:
      set_not_null(out, table, inheritors, command->name);
      break;
    case AT_DropExpression:
      out.break_writers(table);
      out.irreversible();
      break;
    default:
      break;
  }
}

void one_command(FactsBuilder& out, Oid table, bool inheritors, AlterTableCmd* command) {
  switch (command->subtype) {
    case AT_AddColumn:
      return add_column_facts(out, table, inheritors, castNode(ColumnDef, command->def),
                              command->missing_ok);
    case AT_DropColumn:
      return drop_column(out, table, inheritors, command);
    case AT_AlterColumnType:
      return retype_facts(out, table, inheritors, command);
    case AT_AddConstraint:
      return add_constraint_facts(out, table, inheritors, castNode(Constraint, command->def));
    case AT_AlterConstraint:
    case AT_ValidateConstraint:
    case AT_DropConstraint:
      return constraint_command_facts(out, table, inheritors, command);
    case AT_AddIdentity:
    case AT_SetIdentity:
    case AT_DropIdentity:
      return identity_facts(out, table, command);
    case AT_AttachPartition:
    case AT_DetachPartition:
    case AT_DetachPartitionFinalize:
    case AT_AddInherit:
    case AT_DropInherit:
      return partition_facts(out, table, command);
    case AT_ColumnDefault:
    case AT_DropNotNull:
    case AT_SetNotNull:
    case AT_DropExpression:
      return column_facts_of(out, table, inheritors, command);
    default:
      if (strata_compat_sets_expression(command))
        return set_expression(out, table, inheritors, command->name);
      storage_facts(out, table, command);
      guard_facts(out, table, command);
  }
}

}  // namespace

// An earlier statement of the text may have given the columns other names than they have.
static AlterTableStmt* with_known_names(const FactsBuilder& out, AlterTableStmt* stmt, Oid table) {
  if (out.foreseen() == nullptr || !out.foreseen()->renames_columns_of(table)) return stmt;
  auto* copy = pg::call([&] { return static_cast<AlterTableStmt*>(copyObjectImpl(stmt)); });
  ListCell* cell;
  foreach (cell, copy->cmds) {
    auto* command = lfirst_node(AlterTableCmd, cell);
    if (command->name == nullptr) continue;
    const std::string known = out.foreseen()->known_column(table, command->name);
    command->name = pg::call([&] { return pstrdup(known.c_str()); });
  }
  return copy;
}

void alter_table_facts(FactsBuilder& out, AlterTableStmt* stmt) {
  if (stmt->objtype == OBJECT_TYPE) return composite_type_facts(out, stmt);
  const Lock mode = lock_of(pg::call([&] { return AlterTableGetLockLevel(stmt->cmds); }));
  const Oid table = out.add_named(stmt->relation, mode);
  if (!OidIsValid(table)) return;
  stmt = with_known_names(out, stmt, table);
  ListCell* cell;
  foreach (cell, stmt->cmds) {
    auto* command = lfirst_node(AlterTableCmd, cell);
    const bool inheritors = stmt->relation->inh;
    if (inheritors && recurses(command))
      for (const Oid child : tree_of(table, true))
        out.add(child, mode);
    one_command(out, table, inheritors, command);
  }
}

}  // namespace strata::ddl
