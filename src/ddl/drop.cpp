// Owns: reading DROP and DROP OWNED (see drop.hpp).
#include "ddl/drop.hpp"

#include "ddl/object_named.hpp"
#include "ddl/targets.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "access/relation.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
}

namespace strata::ddl {
void drop(Statement& out, DropStmt* stmt) {
  out.cascade = stmt->behavior == DROP_CASCADE;
  out.in_pieces = stmt->concurrent;
  out.schema_owner_suffices = true;
  out.drops_only_tables = stmt->removeType == OBJECT_TABLE || stmt->removeType == OBJECT_INDEX;
  ListCell* cell;
  foreach (cell, stmt->objects) {
    auto* name = static_cast<Node*>(lfirst(cell));
    if (is_relation_type(stmt->removeType)) {
      RangeVar* relation = pg::call([&] { return makeRangeVarFromNameList(castNode(List, name)); });
      const Oid oid = pg::resolve(relation);
      if (!OidIsValid(oid)) continue;
      out.drops.push_back({RelationRelationId, oid, 0});
      if (stmt->removeType == OBJECT_INDEX) {
        if (!out.in_pieces) add_unnamed(out, pg::table_of_index(oid), AccessExclusiveLock);
        continue;
      }
      // Core locks the parent of a partition first, and the tables its foreign keys lead to last.
      if (pg::is_partition(oid)) add_unnamed(out, pg::parent_of(oid), AccessExclusiveLock);
      add_relation(out, relation, AccessExclusiveLock, true);
      if (stmt->removeType == OBJECT_TABLE) add_keys_of(out, oid, nullptr);
    } else if (stmt->removeType == OBJECT_TRIGGER || stmt->removeType == OBJECT_RULE ||
               stmt->removeType == OBJECT_POLICY) {
      auto* names = castNode(List, name);
      if (list_length(names) < 2) continue;
      add_relation(out, pg::call([&] {
                     return makeRangeVarFromNameList(list_copy_head(names, list_length(names) - 1));
                   }),
                   AccessExclusiveLock);
    } else {
      const pg::Object object = object_named(stmt->removeType, name);
      if (OidIsValid(object.objid)) out.drops.push_back(object);
    }
  }
}

void drop_owned(Statement& out, DropOwnedStmt* stmt) {
  out.drops_owned = true;
  out.cascade = stmt->behavior == DROP_CASCADE;
  ListCell* cell;
  foreach (cell, stmt->roles) {
    auto* role = lfirst_node(RoleSpec, cell);
    const Oid oid = pg::call([&] { return get_rolespec_oid(role, true); });
    if (!OidIsValid(oid) || !pg::acts_for(oid)) continue;
    for (const pg::Object& object : pg::owned_by(oid))
      out.drops.push_back(object);
  }
}

}  // namespace strata::ddl
