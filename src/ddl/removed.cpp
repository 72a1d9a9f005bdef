// Owns: the walk (see removed.hpp).
#include "ddl/removed.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
}

namespace strata::ddl {
namespace {

class Walk {
 public:
  explicit Walk(const catalog::Registry& registry) : registry_(registry) {}

  void reach(const pg::Object& object, bool by_cascade, bool is_part) {
    if (is_version(object) || covered(object)) return;
    const auto [at, is_first] = seen_.try_emplace(object, queue_.size());
    if (is_first) queue_.push_back({object, by_cascade, is_part});
  }

  // What goes without CASCADE is walked to the end before what goes by it, so that each object is
  // reached in its milder way.
  void run(bool cascade) {
    size_t next = 0;
    for (;; next++) {
      if (next == queue_.size() && !take_waiting(cascade)) break;
      const Removed from = queue_[next];
      for (const pg::Dependency& owner : pg::dependencies_of(from.object)) {
        if (owner.type != DEPENDENCY_INTERNAL) continue;
        queue_[next].is_part = true;
        reach(owner.object, from.by_cascade, false);
      }
      for (const pg::Dependency& dependent : pg::dependents_of(from.object)) {
        const bool is_part = dependent.type == DEPENDENCY_INTERNAL;
        if (dependent.type == DEPENDENCY_NORMAL)
          waiting_.push_back(dependent.object);
        else
          reach(dependent.object, from.by_cascade, is_part);
      }
    }
  }

  std::vector<Removed> found() && {
    // A column that goes with its table is no loss of its own; nor is a default with its column.
    std::erase_if(queue_, [&](const Removed& removed) {
      return removed.object.subid != 0 && covered(removed.object);
    });
    for (Removed& removed : queue_)
      if (removed.object.classid == AttrDefaultRelationId)
        removed.is_part = is_default_of_gone(removed);
    return std::move(queue_);
  }

 private:
  bool take_waiting(bool cascade) {
    if (!cascade) return false;
    const size_t before = queue_.size();
    for (const pg::Object& object : std::exchange(waiting_, {}))
      reach(object, true, false);
    return queue_.size() > before;
  }

  bool covered(const pg::Object& object) const {
    return object.subid != 0 && seen_.count({object.classid, object.objid, 0}) > 0;
  }

  bool is_default_of_gone(const Removed& removed) const {
    const pg::Object column = pg::column_of_default(removed.object.objid);
    return seen_.count(column) > 0 || covered(column);
  }

  // Version views, and the parts of theirs that pg_depend knows.
  bool is_version(const pg::Object& object) const {
    Oid relation = InvalidOid;
    if (object.classid == RelationRelationId) relation = object.objid;
    if (object.classid == RewriteRelationId) relation = pg::relation_of_rule(object.objid);
    if (object.classid == AttrDefaultRelationId)
      relation = pg::column_of_default(object.objid).objid;
    return OidIsValid(relation) &&
           (registry_.view(relation) != nullptr || registry_.view_of_inverse(relation) != nullptr);
  }

  const catalog::Registry& registry_;
  std::map<pg::Object, size_t> seen_;
  std::vector<Removed> queue_;
  std::vector<pg::Object> waiting_;
};

}  // namespace

std::vector<Removed> removed_by(const catalog::Registry& registry,
                                const std::vector<pg::Object>& roots, bool cascade) {
  Walk walk(registry);
  for (const pg::Object& root : roots)
    walk.reach(root, false, false);
  walk.run(cascade);
  return std::move(walk).found();
}

}  // namespace strata::ddl
