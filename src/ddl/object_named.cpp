// Owns: finding objects by the names statements give them (see object_named.hpp).
#include "ddl/object_named.hpp"

#include "pg/relation.hpp"

extern "C" {
#include "access/relation.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "commands/policy.h"
#include "commands/trigger.h"
#include "rewrite/rewriteSupport.h"
#include "storage/lmgr.h"
}

namespace strata::ddl {

pg::Object object_named(ObjectType type, Node* name) {
  const ObjectAddress found = pg::call([&] {
    Relation rel = nullptr;
    ObjectAddress address = get_object_address(type, name, &rel, AccessShareLock, true);
    if (rel != nullptr) relation_close(rel, AccessShareLock);
    // The lock does not stay. Kept, two sessions that drop the same object would deadlock.
    else if (OidIsValid(address.objectId) && !IsSharedRelation(address.classId))
      UnlockDatabaseObject(address.classId, address.objectId, 0, AccessShareLock);
    else if (OidIsValid(address.objectId))
      UnlockSharedObject(address.classId, address.objectId, 0, AccessShareLock);
    return address;
  });
  return {found.classId, found.objectId, found.objectSubId};
}

bool is_part_type(ObjectType type) {
  return type == OBJECT_TRIGGER || type == OBJECT_RULE || type == OBJECT_POLICY;
}

RangeVar* relation_of_part(Node* name) {
  auto* names = castNode(List, name);
  if (list_length(names) < 2) return nullptr;
  return pg::call(
      [&] { return makeRangeVarFromNameList(list_copy_head(names, list_length(names) - 1)); });
}

pg::Object part_named(ObjectType type, Oid relation, const char* name) {
  return pg::call([&]() -> pg::Object {
    switch (type) {
      case OBJECT_TRIGGER:
        return {TriggerRelationId, get_trigger_oid(relation, name, true), 0};
      case OBJECT_RULE:
        return {RewriteRelationId, get_rewrite_oid(relation, name, true), 0};
      case OBJECT_POLICY:
        return {PolicyRelationId, get_relation_policy_oid(relation, name, true), 0};
      default:
        return {};
    }
  });
}

}  // namespace strata::ddl
