// Owns: waiting for those who write to tables without rows (see empty_tables.hpp).
#include "guard/empty_tables.hpp"

#include "catalog/registry.hpp"
#include "pg/lock.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "utils/acl.h"
}

namespace strata::guard {
namespace {

bool may_truncate(Oid relation) {
  return pg::call(
      [&] { return pg_class_aclcheck(relation, GetUserId(), ACL_TRUNCATE) == ACLCHECK_OK; });
}

// Rights are asked for on what the statement names and on what CASCADE adds, not on what inherits
// (ExecuteTruncate in commands/tablecmds.c).
bool may_run(TruncateStmt* statement, const model::StatementFacts& facts) {
  ListCell* cell;
  foreach (cell, statement->relations) {
    const Oid named = pg::resolve(lfirst_node(RangeVar, cell));
    if (!OidIsValid(named) || !may_truncate(named)) return false;
  }
  return std::all_of(facts.relations.begin(), facts.relations.end(), [](const auto& relation) {
    return relation.named || !relation.emptied || may_truncate(relation.oid);
  });
}

bool may_be_written(const model::RelationFacts& relation) {
  return relation.emptied && relation.bytes == 0 && !relation.is_index && !relation.is_new &&
         !relation.is_temp && catalog::registry().base_schema(relation.schema) != nullptr &&
         !pg::holds_lock(relation.oid, AccessExclusiveLock);
}

}  // namespace

bool lock_empty_tables(TruncateStmt* statement, const model::StatementFacts& facts) {
  if (std::none_of(facts.relations.begin(), facts.relations.end(), may_be_written)) return false;
  if (!may_run(statement, facts)) return false;
  // In the order in which clients of versions lock, which is DDL's too (upkeep/lock_order).
  std::set<Oid> views;
  for (const model::RelationFacts& relation : facts.relations)
    if (may_be_written(relation))
      for (const catalog::VersionView* view : catalog::registry().views_of(relation.oid))
        views.insert(view->view);
  const pg::LockDeadline deadline;
  for (const Oid view : views)
    deadline.lock(view, AccessExclusiveLock);
  for (const model::RelationFacts& relation : facts.relations)
    if (may_be_written(relation)) deadline.lock(relation.oid, AccessExclusiveLock);
  return true;
}

}  // namespace strata::guard
