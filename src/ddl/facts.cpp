// Owns: which family a statement is of, and what is said of all (see facts.hpp).
#include "ddl/facts.hpp"

#include "ddl/facts_parts.hpp"
#include "pg/names.hpp"

extern "C" {
#include "commands/extension.h"
#include "storage/proc.h"
#include "tcop/utility.h"
}

namespace strata::ddl {
namespace {

// Upkeep of storage, also of the whole database, leaves what tables say as it is.
bool keeps_contents(const Node* tree) {
  return IsA(tree, VacuumStmt) || IsA(tree, ClusterStmt) || IsA(tree, ReindexStmt);
}

// An update of the extension was judged as one statement; its script changes what it must.
bool is_own_script() {
  return creating_extension &&
         pg::call([] { return get_extension_oid("pg_strata", true) == CurrentExtensionObject; });
}

// What changes the extension's own objects, or who may use them, changes the guard.
void add_own_objects(model::StatementFacts& facts) {
  const Oid own = pg::schema_oid("strata");
  const Oid inverses = pg::schema_oid("strata_inverse");
  if (!OidIsValid(own) || is_own_script()) return;
  const auto is_own = [&](Oid schema) {
    return OidIsValid(schema) && (schema == own || schema == inverses);
  };
  const bool gives_rights = facts.exposure || facts.privilege;
  for (const model::RelationFacts& relation : facts.relations)
    if (is_own(relation.schema) && (relation.named || relation.schema == own) &&
        (relation.lock > Lock::RowShare || gives_rights))
      facts.control_plane = true;
  for (const uint32_t schema : facts.schemas)
    if (is_own(schema)) facts.control_plane = true;
  for (const model::DroppedObject& dropped : facts.drops)
    if (dropped.schema == own) facts.control_plane = true;
}

}  // namespace

void add_facts(FactsBuilder& out, Node* tree) {
  if (IsA(tree, AlterTableStmt)) return alter_table_facts(out, castNode(AlterTableStmt, tree));
  for (const auto family :
       {index_facts_of, drop_facts, rename_facts, maintenance_facts, create_facts, type_facts_of,
        code_facts, privilege_facts, database_facts, replication_facts, wrapper_facts})
    if (family(out, tree)) return;
}

model::StatementFacts facts_of(Node* tree, const Foreseen* foreseen) {
  FactsBuilder builder(foreseen);
  builder.facts.command = pg::call([&] { return CreateCommandName(tree); });
  builder.facts.has_lock_timeout = LockTimeout > 0;
  add_facts(builder, tree);
  if (!keeps_contents(tree)) add_own_objects(builder.facts);
  if (changes_guardians(tree)) builder.facts.control_plane = true;
  return std::move(builder.facts);
}

}  // namespace strata::ddl
