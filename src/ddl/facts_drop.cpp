// Owns: facts about DROP, DROP OWNED and strata.retire: which objects they name. What goes with
// them is in facts_removed.cpp.
#include "ddl/drop.hpp"
#include "ddl/facts_parts.hpp"
#include "ddl/object_named.hpp"
#include "ddl/retire_call.hpp"
#include "ddl/targets.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_namespace.h"
}

namespace strata::ddl {
namespace {

// What an earlier statement of the text would have made.
model::DroppedObject foreseen(ObjectType type, const RangeVar* name) {
  model::DroppedObject out;
  out.type = type == OBJECT_VIEW       ? "view"
             : type == OBJECT_MATVIEW  ? "materialized view"
             : type == OBJECT_SEQUENCE ? "sequence"
             : type == OBJECT_INDEX    ? "index"
                                       : "table";
  out.identity = Foreseen::qualified(name);
  out.is_new = true;
  return out;
}

// DROP names relations, parts of relations, or other objects.
std::vector<pg::Object> roots_of(FactsBuilder& out, DropStmt* stmt) {
  std::vector<pg::Object> roots;
  ListCell* cell;
  foreach (cell, stmt->objects) {
    auto* name = static_cast<Node*>(lfirst(cell));
    if (is_relation_type(stmt->removeType)) {
      RangeVar* relation = pg::call([&] { return makeRangeVarFromNameList(castNode(List, name)); });
      const Oid oid = out.add_named(
          relation, stmt->concurrent ? Lock::ShareUpdateExclusive : Lock::AccessExclusive);
      if (OidIsValid(oid))
        roots.push_back({RelationRelationId, oid, 0});
      else if (out.foreseen() != nullptr && out.foreseen()->makes(relation))
        out.facts.drops.push_back(foreseen(stmt->removeType, relation));
    } else if (is_part_type(stmt->removeType)) {
      RangeVar* relation = relation_of_part(name);
      const Oid oid = out.add_named(relation, Lock::None);  // what goes is what locks it
      if (!OidIsValid(oid)) continue;
      const pg::Object part =
          part_named(stmt->removeType, oid, strVal(llast(castNode(List, name))));
      if (OidIsValid(part.objid)) roots.push_back(part);
    } else {
      const pg::Object object = object_named(stmt->removeType, name);
      if (!OidIsValid(object.objid)) continue;
      roots.push_back(object);
      const ObjectAddress address{object.classid, object.objid, object.subid};
      const char* identity = pg::call([&] { return getObjectIdentity(&address, true); });
      if (identity != nullptr) out.about(identity);
    }
  }
  return roots;
}

// Readers and writers of the version find it gone, as if its schema were dropped. What else stands
// on it makes the call fail.
bool retires(FactsBuilder& out, const Node* tree) {
  RetireCall call;
  if (!read_retire_call(tree, &call)) return false;
  out.facts.command = "strata.retire";
  const char* const base = schema_named_in(call.base);
  for (const auto& [id, version] : out.registry().versions()) {
    if (base == nullptr || version.base != base || version.version != call.version) continue;
    out.about(pg::quote(version.schema));
    for (const auto& [oid, view] : out.registry().views())
      if (view.version_id == id) out.add(oid, Lock::AccessExclusive);
    if (OidIsValid(version.schema_oid))
      add_drops(out, {{NamespaceRelationId, version.schema_oid, 0}}, true);
  }
  return true;
}

// Waits for those who use it, and takes no lock that stops them.
void drop_index_concurrently(FactsBuilder& out, const std::vector<pg::Object>& roots) {
  out.facts.transactional = false;
  out.partly_reversible();
  for (const pg::Object& root : roots) {
    const pg::IndexFacts facts = pg::index_facts(root.objid);
    if (OidIsValid(facts.table)) out.add(facts.table, Lock::ShareUpdateExclusive);
    if (facts.unique) out.facts.integrity_loss = true;
    add_removed(out, root);
  }
}

}  // namespace

bool drop_facts(FactsBuilder& out, Node* tree) {
  if (retires(out, tree)) return true;
  if (IsA(tree, DropStmt)) {
    auto* stmt = castNode(DropStmt, tree);
    const std::vector<pg::Object> roots = roots_of(out, stmt);
    if (stmt->concurrent)
      drop_index_concurrently(out, roots);
    else
      add_drops(out, roots, stmt->behavior == DROP_CASCADE);
    return true;
  }
  if (!IsA(tree, DropOwnedStmt)) return false;
  auto* stmt = castNode(DropOwnedStmt, tree);
  Statement owned;
  drop_owned(owned, stmt);
  add_drops(out, owned.drops, owned.cascade);
  for (model::DroppedObject& dropped : out.facts.drops)
    dropped.by_cascade = true;  // the statement names none of them
  out.facts.privilege = true;
  out.irreversible();
  return true;
}

}  // namespace strata::ddl
