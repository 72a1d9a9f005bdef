// Owns: facts about DROP, and about what anything else drops: each object of the closure with the
// locks that removing it takes (catalog/dependency.c, doDeletion) and what goes wrong without it.
#include "ddl/closure.hpp"
#include "ddl/drop.hpp"
#include "ddl/drop_closure.hpp"
#include "ddl/facts_parts.hpp"
#include "ddl/object_named.hpp"
#include "ddl/targets.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/partition.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_largeobject.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_publication.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
}

namespace strata::ddl {
namespace {

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
  const char* type = pg::call([&] { return getObjectTypeDescription(&address, true); });
  const char* identity = pg::call([&] { return getObjectIdentity(&address, true); });
  if (type != nullptr) out.type = type;
  if (identity != nullptr) out.identity = identity;
  return out;
}

class Drop {
 public:
  explicit Drop(FactsBuilder& out) : out_(out) {}

  void add(const Removed& removed) {
    model::DroppedObject dropped = described(removed);
    const Oid oid = removed.object.objid;
    switch (removed.object.classid) {
      case RelationRelationId:
        relation(dropped);
        break;
      case ConstraintRelationId:
        constraint(pg::constraint_facts(oid));
        break;
      case AttrDefaultRelationId:
        if (const Oid table = pg::column_of_default(oid).objid; OidIsValid(table)) {
          lock(table);
          if (!removed.is_part) out_.break_writers(table);
        }
        break;
      case TriggerRelationId:
        lock(table_of(removed.object));
        if (!removed.is_part) out_.facts.breaks_writers = true;
        break;
      case RewriteRelationId:
        lock(pg::relation_of_rule(oid));
        if (!removed.is_part) out_.facts.breaks_writers = true;
        break;
      case PolicyRelationId:
        lock(table_of(removed.object));
        out_.facts.exposure = true;
        out_.facts.breaks_readers = true;
        break;
      case StatisticExtRelationId:
        if (const Oid table = table_of(removed.object); OidIsValid(table))
          out_.add(table, Lock::ShareUpdateExclusive);
        break;
      case LargeObjectRelationId:
        dropped.holds_data = true;
        dropped.bytes = -1;
        break;
      case ProcedureRelationId:
        out_.facts.breaks_readers = out_.facts.breaks_writers = true;
        break;
      case PublicationRelationId:
        out_.partly_reversible();
        break;
      case TypeRelationId:
        if (!removed.is_part) out_.facts.breaks_readers = true;
        break;
      case ExtensionRelationId:
        out_.facts.breaks_readers = out_.facts.breaks_writers = true;
        if (dropped.identity == "pg_strata") out_.facts.control_plane = true;
        break;
      case EventTriggerRelationId:
        out_.facts.control_plane = true;
        break;
      default:
        break;
    }
    // What has no rows can be made again as it was.
    if (dropped.holds_data && dropped.bytes != 0) out_.irreversible();
    if (dropped.holds_data) out_.partly_reversible();
    out_.facts.drops.push_back(std::move(dropped));
  }

 private:
  void lock(Oid relation) {
    if (OidIsValid(relation)) out_.add(relation, Lock::AccessExclusive);
  }

  // Returns the table that the trigger, policy or statistics object is on.
  static Oid table_of(const pg::Object& object) {
    for (const pg::Dependency& owner : pg::dependencies_of(object))
      if (owner.object.classid == RelationRelationId && owner.type != DEPENDENCY_NORMAL)
        return owner.object.objid;
    return InvalidOid;
  }

  void relation(model::DroppedObject& dropped) {
    const Oid oid = dropped.objid;
    const pg::TableFacts facts = pg::table_facts(oid);
    if (facts.kind == RELKIND_TOASTVALUE || facts.kind == RELKIND_COMPOSITE_TYPE ||
        pg::call([&] { return IsToastNamespace(facts.schema); })) {
      dropped.is_part = true;
      return;
    }
    // An index goes with its constraint and a sequence with its column, but both have names.
    dropped.is_part = false;
    dropped.is_new = pg::made_here(oid);
    dropped.is_temp = facts.is_temp();
    lock(oid);
    switch (facts.kind) {
      case RELKIND_RELATION:
      case RELKIND_PARTITIONED_TABLE:
        table(dropped, facts);
        break;
      case RELKIND_FOREIGN_TABLE:
        out_.break_both(oid);
        out_.partly_reversible();
        break;
      case RELKIND_VIEW:
      case RELKIND_MATVIEW:
        out_.break_readers(oid);
        out_.partly_reversible();
        break;
      case RELKIND_SEQUENCE:
        // What it counted to is in no row. With its table it serves nobody.
        if (dropped.by_cascade || out_.facts.drops.empty()) {
          out_.facts.breaks_writers = true;
          out_.irreversible();
        }
        break;
      case RELKIND_INDEX:
      case RELKIND_PARTITIONED_INDEX:
        index(oid);
        break;
      default:
        break;
    }
  }

  void table(model::DroppedObject& dropped, const pg::TableFacts& facts) {
    const Oid oid = dropped.objid;
    if (dropped.subid != 0) {
      const std::string name = pg::attribute_name(oid, static_cast<AttrNumber>(dropped.subid));
      // What a stored column computed is data: the expression may go with it.
      const char generated = pg::column_facts(oid, name).generated;
      dropped.holds_data =
          facts.has_storage() && (generated == '\0' || generated == ATTRIBUTE_GENERATED_STORED);
    } else {
      dropped.holds_data = facts.has_storage();
    }
    dropped.bytes = pg::disk_bytes(oid);
    out_.break_both(oid);
    if (dropped.subid != 0 || !facts.partition) return;
    const Oid parent = pg::parent_of(oid);
    lock(parent);
    if (OidIsValid(parent)) lock(pg::call([&] { return get_default_partition_oid(parent); }));
  }

  void index(Oid oid) {
    const pg::IndexFacts facts = pg::index_facts(oid);
    lock(facts.table);
    if (gone_.count(facts.table) > 0) return;
    if (facts.unique) out_.facts.integrity_loss = true;
    out_.partly_reversible();
  }

  void constraint(const pg::ConstraintFacts& facts) {
    if (!OidIsValid(facts.table)) {
      out_.facts.integrity_loss = true;
      out_.partly_reversible();
      return;
    }
    lock(facts.table);
    // With its table nothing is left that it could hold together.
    if (!gone_.count(facts.table)) {
      out_.facts.integrity_loss = true;
      out_.partly_reversible();
    }
    if (facts.type == CONSTRAINT_FOREIGN) lock(facts.referenced);
  }

 public:
  std::set<Oid> gone_;  // relations that go as a whole

 private:
  FactsBuilder& out_;
};

void break_versions(FactsBuilder& out, const std::vector<pg::Object>& roots, bool cascade) {
  if (!out.registry().in_use()) return;
  for (const Hit& hit : drop_hits(out.registry(), roots, cascade)) {
    const catalog::VersionView* view = out.registry().view(hit.view);
    if (view != nullptr) {
      out.break_version(view->version_id);
    } else if (hit.cause.classid == NamespaceRelationId) {
      const catalog::Version* version = out.registry().version_of_schema(hit.cause.objid);
      if (version != nullptr) out.break_version(version->id);
    }
    out.facts.breaks_readers = out.facts.breaks_writers = true;
  }
}

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

// Waits for those who use it, and takes no lock that stops them.
void drop_index_concurrently(FactsBuilder& out, const std::vector<pg::Object>& roots) {
  out.facts.transactional = false;
  out.partly_reversible();
  for (const pg::Object& root : roots) {
    const pg::IndexFacts facts = pg::index_facts(root.objid);
    if (OidIsValid(facts.table)) out.add(facts.table, Lock::ShareUpdateExclusive);
    if (facts.unique) out.facts.integrity_loss = true;
    out.facts.drops.push_back(described({root, false, false}));
  }
}

}  // namespace

void add_removed(FactsBuilder& out, const pg::Object& object) {
  out.facts.drops.push_back(described({object, false, false}));
}

void add_drops(FactsBuilder& out, const std::vector<pg::Object>& roots, bool cascade) {
  Drop drop(out);
  const std::vector<Removed> closure = drop_closure(out.registry(), roots, cascade);
  for (const Removed& removed : closure)
    if (removed.object.classid == RelationRelationId && removed.object.subid == 0)
      drop.gone_.insert(removed.object.objid);
  for (const Removed& removed : closure)
    drop.add(removed);
  break_versions(out, roots, cascade);
}

bool drop_facts(FactsBuilder& out, Node* tree) {
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
