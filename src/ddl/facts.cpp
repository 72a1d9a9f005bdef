// Owns: which family a statement is of, and what is said of all (see facts.hpp).
#include "ddl/facts.hpp"

#include "ddl/facts_parts.hpp"
#include "pg/names.hpp"

extern "C" {
#include "storage/proc.h"
#include "tcop/utility.h"
}

namespace strata::ddl {
namespace {

// Upkeep of storage, also of the whole database, leaves what tables say as it is.
bool keeps_contents(const Node* tree) {
  return IsA(tree, VacuumStmt) || IsA(tree, ClusterStmt) || IsA(tree, ReindexStmt);
}

// What changes the extension's own tables and views changes the guard.
void add_own_objects(model::StatementFacts& facts) {
  const Oid own = pg::schema_oid("strata");
  if (!OidIsValid(own)) return;
  for (const model::RelationFacts& relation : facts.relations)
    if (relation.schema == own && relation.lock > Lock::RowShare) facts.control_plane = true;
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
  return std::move(builder.facts);
}

}  // namespace strata::ddl
