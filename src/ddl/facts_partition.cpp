// Owns: facts about partitions and inheritance of tables that are there.
#include "ddl/bound_proof.hpp"
#include "ddl/facts_parts.hpp"

extern "C" {
#include "catalog/partition.h"
}

namespace strata::ddl {
namespace {

// The default partition must not have rows of the new one.
void check_default(FactsBuilder& out, Oid parent, bool scans) {
  const Oid fallback = pg::call([&] { return get_default_partition_oid(parent); });
  if (!OidIsValid(fallback)) return;
  for (const Oid target : tree_of(fallback, true)) {
    out.add(target, Lock::AccessExclusive);
    if (scans && pg::table_facts(target).has_storage()) out.scan(target);
  }
}

void attach(FactsBuilder& out, Oid parent, PartitionCmd* attached) {
  const Oid child = out.find(attached->name);
  if (!OidIsValid(child)) return;
  const pg::TableFacts facts = pg::table_facts(child);
  if (facts.kind == RELKIND_INDEX || facts.kind == RELKIND_PARTITIONED_INDEX) {
    out.add(child, Lock::AccessExclusive).named = true;
    return;
  }
  out.add(child, Lock::AccessExclusive).named = true;
  const bool proven = attached->bound != nullptr && bound_is_proven(parent, child, attached->bound);
  for (const Oid target : tree_of(child, true)) {
    out.add(target, Lock::AccessExclusive);
    if (!proven && pg::table_facts(target).has_storage()) out.scan(target);
  }
  if (attached->bound != nullptr && !attached->bound->is_default) check_default(out, parent, true);
}

void detach(FactsBuilder& out, Oid parent, const AlterTableCmd* command) {
  auto* detached = castNode(PartitionCmd, command->def);
  const bool concurrent = detached->concurrent;
  out.break_both(parent);
  if (concurrent) out.facts.transactional = false;
  const Oid child = out.find(detached->name);
  if (OidIsValid(child)) out.add(child, Lock::AccessExclusive).named = true;
  if (!concurrent && command->subtype == AT_DetachPartition) check_default(out, parent, false);
}

}  // namespace

void partition_facts(FactsBuilder& out, Oid table, const AlterTableCmd* command) {
  switch (command->subtype) {
    case AT_AttachPartition:
      return attach(out, table, castNode(PartitionCmd, command->def));
    case AT_DetachPartition:
    case AT_DetachPartitionFinalize:
      return detach(out, table, command);
    // Rows appear in the parent, or vanish from it.
    case AT_AddInherit:
    case AT_DropInherit: {
      const Oid parent = out.find(castNode(RangeVar, command->def));
      if (!OidIsValid(parent)) return;
      out.add(parent,
              command->subtype == AT_AddInherit ? Lock::ShareUpdateExclusive : Lock::AccessShare);
      out.facts.breaks_readers = true;
      return;
    }
    default:
      return;
  }
}

void partition_of_facts(FactsBuilder& out, Oid parent, bool is_default) {
  out.add(parent, Lock::AccessExclusive);
  if (!is_default) check_default(out, parent, true);
}

}  // namespace strata::ddl
