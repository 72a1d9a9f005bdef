// Owns: the net under the decision (see admit.hpp): what the server really drops and empties, seen
// object by object, whatever the statement said.
#include "guard/admission.hpp"
#include "guard/admit.hpp"
#include "guard/overrides.hpp"
#include "guard/refusal.hpp"

#include "catalog/registry.hpp"
#include "pg/names.hpp"
#include "pg/table_facts.hpp"

extern "C" {
#include "catalog/pg_class.h"
}

namespace strata::guard {
namespace {

// Judges a loss that no admitted statement was known to bring. Nobody can have approved it.
void judge_unforeseen(const model::StatementFacts& facts) {
  const Judgement judgement = judge(facts);
  if (judgement.action == model::Action::Allow) return;
  if (judgement.action == model::Action::Warn) return warn(facts, judgement);
  if (judgement.bases.empty() && !active_override("")) refuse_by_policy(facts, judgement);
  for (const std::string& base : judgement.bases)
    if (!active_override(base)) refuse_by_policy(facts, judgement);
}

}  // namespace

void check_control_plane(const char* command, const std::string& object) {
  if (Admission::sets_guard()) return;
  model::StatementFacts facts;
  facts.command = command;
  facts.object = object;
  facts.control_plane = true;
  judge_unforeseen(facts);
}

void check_drop(Oid classid, Oid object, int32_t subid) {
  if (classid != RelationRelationId || subid < 0) return;
  const Oid schema = pg::relation_schema(object);
  if (catalog::registry().base_schema(schema) == nullptr) return;
  if (Admission::foresees_drop(classid, object, subid)) return;
  const pg::TableFacts table = pg::table_facts(object);
  if (table.kind != RELKIND_RELATION && table.kind != RELKIND_PARTITIONED_TABLE) return;
  model::StatementFacts facts;
  facts.command = "DROP";
  facts.object = pg::relation_display(object);
  model::DroppedObject dropped;
  dropped.classid = classid;
  dropped.objid = object;
  dropped.subid = subid;
  dropped.schema = schema;
  dropped.holds_data = true;
  dropped.by_cascade = true;
  dropped.is_new = pg::made_here(object);
  dropped.is_temp = table.is_temp();
  dropped.bytes = pg::disk_bytes(object);
  facts.drops.push_back(dropped);
  judge_unforeseen(facts);
}

void check_truncate(Oid relation) {
  const Oid schema = pg::relation_schema(relation);
  if (catalog::registry().base_schema(schema) == nullptr) return;
  if (Admission::foresees_truncate(relation)) return;
  model::StatementFacts facts;
  facts.command = "TRUNCATE";
  facts.object = pg::relation_display(relation);
  model::RelationFacts emptied;
  emptied.oid = relation;
  emptied.schema = schema;
  emptied.name = facts.object;
  emptied.lock = model::Lock::AccessExclusive;
  emptied.emptied = true;
  emptied.is_new = pg::made_here(relation);
  emptied.is_temp = pg::table_facts(relation).is_temp();
  emptied.bytes = pg::disk_bytes(relation);
  facts.relations.push_back(emptied);
  judge_unforeseen(facts);
}

}  // namespace strata::guard
