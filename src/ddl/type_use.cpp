// Owns: the walk over what uses a type (see type_use.hpp).
#include "ddl/type_use.hpp"

#include "pg/depend.hpp"
#include "pg/kept_index.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_type.h"
}

namespace strata::ddl {
namespace {

// Returns true when the object is a version view or its inverse, a rule or default of one, or an
// index made for look-ups through versions.
bool of_version(const catalog::Registry& registry, const pg::Object& object) {
  if (object.classid == RelationRelationId)
    return registry.view(object.objid) != nullptr ||
           registry.view_of_inverse(object.objid) != nullptr || pg::is_kept_index(object.objid);
  if (object.classid == RewriteRelationId)
    return of_version(registry,
                      {RelationRelationId, pg::relation_of_rule(object.objid), object.subid});
  if (object.classid == AttrDefaultRelationId)
    return registry.view(pg::column_of_default(object.objid).objid) != nullptr;
  return false;
}

}  // namespace

bool only_versions_use(const catalog::Registry& registry, Oid type) {
  for (const pg::Dependency& dependent : pg::dependents_of({TypeRelationId, type, 0})) {
    if (dependent.type == DEPENDENCY_INTERNAL && dependent.object.classid == TypeRelationId) {
      if (!only_versions_use(registry, dependent.object.objid)) return false;
    } else if (dependent.type == DEPENDENCY_NORMAL && !of_version(registry, dependent.object)) {
      return false;
    }
  }
  return true;
}

}  // namespace strata::ddl
