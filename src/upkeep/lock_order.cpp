// Owns: the lock order (see lock_order.hpp).
#include "upkeep/lock_order.hpp"

#include "pg/relation.hpp"

namespace strata::upkeep {

bool lock_views_first(const catalog::Registry& registry, const ddl::Statement& statement,
                      const pg::LockDeadline& deadline) {
  std::map<Oid, LOCKMODE> views;
  bool any = false;
  for (const ddl::TargetRelation& target : statement.relations)
    for (const catalog::VersionView* view : registry.views_of(target.relation)) {
      LOCKMODE& mode = views[view->view];
      mode = std::max(mode, target.mode);
      any = true;
    }
  if (!any || statement.in_pieces) return true;

  std::vector<std::pair<Oid, LOCKMODE>> taken;
  for (const auto& [view, mode] : views) {
    deadline.lock(view, mode);
    taken.emplace_back(view, mode);
  }
  for (const ddl::TargetRelation& target : statement.relations) {
    deadline.lock(target.relation, target.mode);
    taken.emplace_back(target.relation, target.mode);
  }
  for (const ddl::TargetRelation& target : statement.relations) {
    if (target.name == nullptr || pg::resolve(target.name) == target.relation) continue;
    for (const auto& [relation, mode] : taken)
      pg::unlock_relation(relation, mode);
    return false;
  }
  return true;
}

}  // namespace strata::upkeep
