// Owns: the walk (see closure.hpp).
#include "ddl/closure.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_rewrite.h"
}

namespace strata::ddl {
namespace {

class Walk {
 public:
  Walk(const catalog::Registry& registry, bool cascade) : registry_(registry), cascade_(cascade) {}

  void reach(const pg::Object& object, const pg::Object& from) {
    if (stop_at_version(object, from)) return;
    if (!seen_.insert(object).second) return;
    queue_.push_back(object);
  }

  void run() {
    for (size_t next = 0; next < queue_.size(); next++) {
      const pg::Object object = queue_[next];
      for (const pg::Dependency& part : pg::dependencies_of(object))
        if (part.type == DEPENDENCY_INTERNAL) reach(part.object, object);
      for (const pg::Dependency& dependent : pg::dependents_of(object))
        if (cascade_ || dependent.type != DEPENDENCY_NORMAL || reads_version(dependent.object))
          reach(dependent.object, object);
    }
  }

  std::set<Oid> relations() const {
    std::set<Oid> out;
    if (registry_.views().empty()) return out;
    for (const pg::Object& object : seen_) {
      const Oid relation = pg::relation_of_part(object);
      if (!registry_.views_of(relation).empty()) out.insert(relation);
    }
    return out;
  }

  // What goes with a relation as a whole is no hit of its own: the columns of a partition key,
  // which are internal to their table, and the sequences of defaults.
  std::vector<Hit> hits() && {
    std::set<Oid> gone;
    for (const Hit& hit : hits_)
      if (hit.what == Hit::What::kRelation) gone.insert(hit.view);
    std::stable_sort(hits_.begin(), hits_.end(),
                     [](const Hit& a, const Hit& b) { return a.view < b.view; });
    std::erase_if(hits_, [&](const Hit& hit) {
      return (hit.what == Hit::What::kColumn || hit.what == Hit::What::kDefault) &&
             gone.count(hit.view) > 0;
    });
    return std::move(hits_);
  }

 private:
  // Returns the version view that the object is, or is a part of; null otherwise.
  const catalog::VersionView* version_of(const pg::Object& object) const {
    if (object.classid == RelationRelationId || object.classid == RewriteRelationId) {
      const Oid relation =
          object.classid == RelationRelationId ? object.objid : pg::relation_of_rule(object.objid);
      const catalog::VersionView* view = registry_.view(relation);
      return view != nullptr ? view : registry_.view_of_inverse(relation);
    }
    if (object.classid == AttrDefaultRelationId)
      return registry_.view(pg::column_of_default(object.objid).objid);
    return nullptr;
  }

  // A version view shows up under RESTRICT too: core would refuse with its own words, where we can
  // follow, adopt or say better what to do.
  bool reads_version(const pg::Object& object) const { return version_of(object) != nullptr; }

  bool stop_at_version(const pg::Object& object, const pg::Object& from) {
    if (object.classid == NamespaceRelationId && registry_.version_of_schema(object.objid)) {
      hit({Hit::What::kItself, InvalidOid, 0, object});
      return true;
    }
    const catalog::VersionView* view = version_of(object);
    if (view == nullptr) return false;
    const bool from_base = from.classid == RelationRelationId && from.objid == view->base;
    if (from.objid == InvalidOid)
      hit({Hit::What::kItself, view->view, 0, object});
    else if (object.classid == RewriteRelationId && from_base && from.subid == 0)
      hit({Hit::What::kRelation, view->view, 0, from});
    else if (object.classid == RewriteRelationId && from_base)
      hit({Hit::What::kColumn, view->view, static_cast<AttrNumber>(from.subid), from});
    else if (object.classid == AttrDefaultRelationId)
      hit({Hit::What::kDefault, view->view,
           static_cast<AttrNumber>(pg::column_of_default(object.objid).subid), from});
    else
      hit({Hit::What::kContract, view->view, 0, from});
    return true;
  }

  void hit(const Hit& found) {
    for (const Hit& old : hits_)
      if (old.what == found.what && old.view == found.view && old.attnum == found.attnum &&
          old.cause == found.cause)
        return;
    hits_.push_back(found);
  }

  const catalog::Registry& registry_;
  bool cascade_;
  std::set<pg::Object> seen_;
  std::vector<pg::Object> queue_;
  std::vector<Hit> hits_;
};

}  // namespace

Closure drop_closure(const catalog::Registry& registry, const std::vector<pg::Object>& roots,
                     bool cascade) {
  Walk walk(registry, cascade);
  for (const pg::Object& root : roots)
    walk.reach(root, {});
  walk.run();
  std::set<Oid> relations = walk.relations();
  return {std::move(walk).hits(), std::move(relations)};
}

std::vector<Hit> drop_hits(const catalog::Registry& registry, const std::vector<pg::Object>& roots,
                           bool cascade) {
  return drop_closure(registry, roots, cascade).hits;
}

}  // namespace strata::ddl
