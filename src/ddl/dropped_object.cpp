// Owns: the names of objects that go (see dropped_object.hpp).
#include "ddl/dropped_object.hpp"

#include "pg/names.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
}

namespace strata::ddl {

model::DroppedObject described(const Removed& removed) {
  const ObjectAddress address{removed.object.classid, removed.object.objid, removed.object.subid};
  model::DroppedObject out;
  out.classid = removed.object.classid;
  out.objid = removed.object.objid;
  out.subid = removed.object.subid;
  out.by_cascade = removed.by_cascade;
  out.is_part = removed.is_part;
  out.schema = address.classId == NamespaceRelationId ? address.objectId : pg::call([&] {
    return is_objectclass_supported(address.classId) ? get_object_namespace(&address) : InvalidOid;
  });
  // A trigger is in no schema, but its identity tells the name of its table.
  if (!OidIsValid(out.schema))
    for (const pg::Dependency& owner : pg::dependencies_of(removed.object))
      if (owner.object.classid == RelationRelationId && owner.type != DEPENDENCY_NORMAL)
        out.schema = pg::relation_schema(owner.object.objid);
  out.is_new = removed.object.classid != RelationRelationId && pg::made_here(removed.object);
  const char* type = pg::call([&] { return getObjectTypeDescription(&address, true); });
  const char* identity = pg::call([&] { return getObjectIdentity(&address, true); });
  if (type != nullptr) out.type = type;
  if (identity != nullptr) out.identity = identity;
  return out;
}

}  // namespace strata::ddl
