// Owns: the lock order (see lock_order.hpp).
#include "upkeep/lock_order.hpp"

#include "pg/names.hpp"
#include "pg/relation.hpp"

namespace strata::upkeep {

LockPlan::LockPlan(const catalog::Registry& registry, const ddl::Statement& statement) {
  if (statement.in_pieces) return;
  nowait_ = statement.nowait;
  const catalog::BaseSchema* renamed = registry.base_schema(statement.renamed_schema);
  if (renamed != nullptr) schema_ = renamed->oid;
  for (const ddl::TargetRelation& target : statement.relations) {
    add_views_of(registry, target.relation, target.mode);
    add_relation(target.relation, target.mode);
  }
}

void LockPlan::add_view(Oid view, LOCKMODE mode) {
  LOCKMODE& known = views_[view];
  known = std::max(known, mode);
}

void LockPlan::add_views_of(const catalog::Registry& registry, Oid base, LOCKMODE mode) {
  for (const catalog::VersionView* view : registry.views_of(base))
    add_view(view->view, mode);
}

void LockPlan::add_relation(Oid relation, LOCKMODE mode) {
  relations_.emplace_back(relation, mode);
}

void LockPlan::take(const pg::LockDeadline& deadline) const {
  if (OidIsValid(schema_)) pg::lock_schema(schema_);
  for (const auto& [view, mode] : views_)
    take_one(deadline, view, mode);
  for (const auto& [relation, mode] : relations_)
    take_one(deadline, relation, mode);
}

void LockPlan::take_one(const pg::LockDeadline& deadline, Oid relation, LOCKMODE mode) const {
  if (!nowait_) return deadline.lock(relation, mode);
  if (pg::try_lock_relation(relation, mode)) return;
  // As core says it.
  throw Error(ERRCODE_LOCK_NOT_AVAILABLE,
              fmt::format("could not obtain lock on relation \"{}\"", pg::relation_name(relation)));
}

void LockPlan::give_back() const {
  for (const auto& [view, mode] : views_)
    pg::unlock_relation(view, mode);
  for (const auto& [relation, mode] : relations_)
    pg::unlock_relation(relation, mode);
}

}  // namespace strata::upkeep
