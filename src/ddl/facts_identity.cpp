// Owns: facts about identity columns: their sequences keep a counter that is no row of a table.
#include "ddl/facts_parts.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_attribute.h"
}

namespace strata::ddl {
namespace {

Oid sequence_of(Oid table, AttrNumber column) {
  for (const pg::Dependency& part : pg::dependents_of({RelationRelationId, table, column}))
    if (part.type == DEPENDENCY_INTERNAL && part.object.classid == RelationRelationId &&
        pg::table_facts(part.object.objid).kind == RELKIND_SEQUENCE)
      return part.object.objid;
  return InvalidOid;
}

void set_identity(FactsBuilder& out, Oid table, Oid sequence, List* options) {
  ListCell* cell;
  foreach (cell, options) {
    auto* option = lfirst_node(DefElem, cell);
    if (strcmp(option->defname, "generated") == 0) {
      // Under ALWAYS an INSERT that gives the column fails.
      if (intVal(option->arg) == ATTRIBUTE_IDENTITY_ALWAYS) out.break_writers(table);
      continue;
    }
    out.break_writers(table);
    out.irreversible();
    if (OidIsValid(sequence)) out.add(sequence, Lock::ShareRowExclusive).rewritten = true;
  }
}

}  // namespace

void identity_facts(FactsBuilder& out, Oid table, const AlterTableCmd* command) {
  const pg::ColumnFacts column = pg::column_facts(table, command->name);
  if (!column.exists()) return;
  const Oid sequence = sequence_of(table, column.attnum);
  switch (command->subtype) {
    case AT_AddIdentity: {
      const auto* definition = castNode(Constraint, command->def);
      if (definition->generated_when == ATTRIBUTE_IDENTITY_ALWAYS) out.break_writers(table);
      break;
    }
    case AT_SetIdentity:
      if (OidIsValid(sequence)) out.add(sequence, Lock::ShareRowExclusive);
      set_identity(out, table, sequence, castNode(List, command->def));
      break;
    default:
      if (column.identity == '\0') break;
      out.break_writers(table);
      out.irreversible();
      if (!OidIsValid(sequence)) break;
      out.add(sequence, Lock::AccessExclusive);
      add_removed(out, {RelationRelationId, sequence, 0});  // not the column it is a part of
  }
}

}  // namespace strata::ddl
