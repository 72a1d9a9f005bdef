// Owns: making way for pg_restore (see restoring.hpp).
#include "upkeep/restoring.hpp"

#include "pg/depend.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_rewrite.h"
}

namespace strata::upkeep {
namespace {

void drop_inverses_of(Oid view, Oid schema) {
  std::set<Oid> inverses;
  for (const pg::Dependency& dependent : pg::dependents_of({RelationRelationId, view, 0})) {
    if (dependent.object.classid != RewriteRelationId) continue;
    const Oid relation = pg::relation_of_rule(dependent.object.objid);
    if (relation != view && pg::relation_schema(relation) == schema &&
        pg::relation_name(relation).starts_with("inverse_"))
      inverses.insert(relation);
  }
  const pg::InternalDdl internal;
  for (const Oid inverse : inverses)
    pg::call([&] {
      const ObjectAddress address{RelationRelationId, inverse, 0};
      performDeletion(&address, DROP_RESTRICT, PERFORM_DELETION_QUIETLY);
      CommandCounterIncrement();
    });
}

}  // namespace

bool makes_way_for(const Node* tree) {
  return IsA(tree, DropStmt) && reinterpret_cast<const DropStmt*>(tree)->removeType == OBJECT_VIEW;
}

void make_way(Node* tree) {
  const Oid schema = pg::schema_oid("strata_inverse");
  if (!OidIsValid(schema)) return;
  ListCell* cell;
  foreach (cell, reinterpret_cast<DropStmt*>(tree)->objects) {
    auto* name = static_cast<List*>(lfirst(cell));
    RangeVar* const range = pg::call([&] { return makeRangeVarFromNameList(name); });
    const Oid view = pg::resolve(range);
    if (OidIsValid(view) && pg::owns_relation(view)) drop_inverses_of(view, schema);
  }
}

}  // namespace strata::upkeep
