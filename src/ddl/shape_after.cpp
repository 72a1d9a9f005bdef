// Owns: foreseeing the shape of a table (see shape_after.hpp).
#include "ddl/shape_after.hpp"

#include "ddl/column_definition.hpp"

extern "C" {
#include "catalog/pg_attribute.h"
#include "nodes/parsenodes.h"
#include "parser/parse_type.h"
}

namespace strata::ddl {

bool is_null_constant(const Node* expression) {
  while (expression != nullptr && IsA(expression, TypeCast))
    expression = reinterpret_cast<const TypeCast*>(expression)->arg;
  return expression != nullptr && IsA(expression, A_Const) &&
         reinterpret_cast<const A_Const*>(expression)->isnull;
}

namespace {

pg::TypeFacts facts_of(const TypeName* name) {
  const Oid type = pg::call([&] { return LookupTypeNameOid(nullptr, name, true); });
  return OidIsValid(type) ? pg::type_facts(type) : pg::TypeFacts{};
}

// What a constraint in a column's definition says.
void constrain(ColumnAfter& column, const Constraint* constraint) {
  switch (constraint->contype) {
    case CONSTR_PRIMARY:
    case CONSTR_NOTNULL:
      column.refuses_null = true;
      break;
    case CONSTR_DEFAULT:
      column.filled = column.filled || !is_null_constant(constraint->raw_expr);
      break;
    case CONSTR_IDENTITY:
    case CONSTR_GENERATED:
      column.filled = true;
      break;
    default:
      break;
  }
}

void add_column(ShapeAfter& shape, const ColumnDef* definition) {
  if (shape.columns.count(definition->colname) > 0) return;  // IF NOT EXISTS, or core's error
  ColumnAfter column;
  column.touched = true;
  const pg::TypeFacts type = facts_of(definition->typeName);
  const bool serial = is_serial(definition->typeName);
  column.filled = type.fills || serial || definition->identity != '\0' ||
                  definition->generated != '\0' || definition->raw_default != nullptr;
  column.refuses_null = type.refuses_null || definition->is_not_null || serial;
  ListCell* cell;
  foreach (cell, definition->constraints)
    constrain(column, lfirst_node(Constraint, cell));
  shape.columns[definition->colname] = column;
}

void add_constraint(ShapeAfter& shape, const Constraint* constraint) {
  if (constraint->contype == CONSTR_CHECK && constraint->raw_expr != nullptr)
    shape.checks.push_back(constraint->raw_expr);
  if (constraint->contype != CONSTR_PRIMARY && constraint->contype != CONSTR_NOTNULL) return;
  ListCell* cell;
  foreach (cell, constraint->keys) {
    const auto at = shape.columns.find(strVal(lfirst(cell)));
    if (at != shape.columns.end()) at->second.refuses_null = at->second.touched = true;
  }
}

// What a subcommand on one existing column says.
void alter_column(ColumnAfter& column, const AlterTableCmd* command, const pg::TypeFacts& type) {
  column.touched = true;
  switch (command->subtype) {
    case AT_SetNotNull:
      column.refuses_null = true;
      break;
    case AT_DropNotNull:
      column.refuses_null = type.refuses_null;
      break;
    case AT_ColumnDefault:
      column.filled = command->def != nullptr ? !is_null_constant(command->def) : type.fills;
      break;
    case AT_AddIdentity:
      column.filled = true;
      break;
    case AT_DropIdentity:
    case AT_DropExpression:
      column.filled = type.fills;
      break;
    default:
      break;
  }
}

bool is_about_one_column(const AlterTableCmd* command) {
  switch (command->subtype) {
    case AT_SetNotNull:
    case AT_DropNotNull:
    case AT_ColumnDefault:
    case AT_AddIdentity:
    case AT_DropIdentity:
    case AT_DropExpression:
      return true;
    default:
      return false;
  }
}

}  // namespace

ShapeAfter shape_after(const AlterTableStmt* stmt, Oid relation) {
  ShapeAfter shape;
  std::map<std::string, pg::TypeFacts> types;
  for (const auto& [attnum, attribute] : pg::attributes(relation)) {
    const pg::TypeFacts type = pg::type_facts(attribute.type);
    types[attribute.name] = type;
    shape.columns[attribute.name] = {attnum, attribute.filled,
                                     attribute.not_null || type.refuses_null, false};
  }
  ListCell* cell;
  foreach (cell, stmt->cmds) {
    auto* command = lfirst_node(AlterTableCmd, cell);
    if (command->subtype == AT_AddColumn) {
      add_column(shape, reinterpret_cast<ColumnDef*>(command->def));
    } else if (command->subtype == AT_DropColumn) {
      shape.columns.erase(command->name);
    } else if (command->subtype == AT_AddConstraint) {
      add_constraint(shape, reinterpret_cast<Constraint*>(command->def));
    } else if (is_about_one_column(command)) {
      // By number where the name is null (SET STATISTICS of an index); not among these.
      const auto at = shape.columns.find(command->name);
      if (at != shape.columns.end()) alter_column(at->second, command, types[command->name]);
    }
  }
  return shape;
}

}  // namespace strata::ddl
