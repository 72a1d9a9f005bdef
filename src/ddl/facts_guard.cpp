// Owns: facts about ALTER TABLE on what guards a table: triggers, rules, row security, its owner.
#include "ddl/facts_parts.hpp"

extern "C" {
#include "catalog/dependency.h"
}

namespace strata::ddl {
namespace {

void change_owner(FactsBuilder& out, Oid relation) {
  out.facts.privilege = true;
  out.break_both(relation);
  out.add_indexes(relation, Lock::AccessExclusive);
  for (const pg::Dependency& part : pg::dependents_of({RelationRelationId, relation, 0}))
    if (part.object.classid == RelationRelationId &&
        (part.type == DEPENDENCY_AUTO || part.type == DEPENDENCY_INTERNAL) &&
        pg::table_facts(part.object.objid).kind == RELKIND_SEQUENCE)
      out.add(part.object.objid, Lock::AccessExclusive);
}

}  // namespace

void guard_facts(FactsBuilder& out, Oid table, const AlterTableCmd* command) {
  switch (command->subtype) {
    case AT_ChangeOwner:
      change_owner(out, table);
      break;
    // Keys are not checked, or what was recorded and kept in step is not; for replicas only, it is
    // not for all others.
    case AT_EnableReplicaTrig:
    case AT_DisableTrig:
    case AT_DisableTrigAll:
    case AT_DisableTrigUser:
      out.facts.integrity_loss = true;
      out.facts.breaks_writers = true;
      out.partly_reversible();
      break;
    case AT_DisableRule:
    case AT_EnableRule:
    case AT_EnableAlwaysRule:
    case AT_EnableReplicaRule:
      out.facts.breaks_writers = true;
      break;
    // Without a policy, nobody but the owner sees a row.
    case AT_EnableRowSecurity:
      if (!pg::table_facts(table).row_security)
        out.facts.breaks_readers = out.facts.breaks_writers = true;
      break;
    case AT_ForceRowSecurity:
      if (pg::table_facts(table).row_security)
        out.facts.breaks_readers = out.facts.breaks_writers = true;
      break;
    case AT_DisableRowSecurity:
    case AT_NoForceRowSecurity:
      if (pg::table_facts(table).row_security) out.facts.exposure = true;
      break;
    default:
      break;
  }
}

}  // namespace strata::ddl
