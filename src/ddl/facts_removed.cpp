// Owns: facts about objects that go, whatever statement takes them: each object of the closure with
// the locks that removing it takes (catalog/dependency.c, doDeletion) and what goes wrong without
// it.
#include "ddl/closure.hpp"
#include "ddl/dropped_object.hpp"
#include "ddl/facts_parts.hpp"
#include "ddl/removed.hpp"
#include "ddl/type_use.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/table_list.hpp"

extern "C" {
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "catalog/partition.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_conversion.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_largeobject.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_publication.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_ts_config.h"
#include "catalog/pg_ts_dict.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
}

namespace strata::ddl {
namespace {

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
        constraint(dropped, pg::constraint_facts(oid));
        break;
      case AttrDefaultRelationId:
        dropped.table = pg::column_of_default(oid).objid;
        lock(dropped.table);
        if (OidIsValid(dropped.table) && !removed.is_part) out_.break_writers(dropped.table);
        break;
      case TriggerRelationId:
        lock(dropped.table = table_of(removed.object));
        if (!removed.is_part && stays(dropped.table)) out_.facts.breaks_writers = true;
        break;
      case RewriteRelationId:
        lock(dropped.table = pg::relation_of_rule(oid));
        if (!removed.is_part && stays(dropped.table)) out_.facts.breaks_writers = true;
        break;
      case PolicyRelationId:
        lock(dropped.table = table_of(removed.object));
        if (stays(dropped.table)) out_.facts.exposure = out_.facts.breaks_readers = true;
        break;
      case StatisticExtRelationId:
        dropped.table = table_of(removed.object);
        if (OidIsValid(dropped.table)) out_.add(dropped.table, Lock::ShareUpdateExclusive);
        break;
      case LargeObjectRelationId:
        dropped.holds_data = true;
        dropped.bytes = -1;
        break;
      case ProcedureRelationId:
        if (!dropped.is_new) out_.facts.breaks_readers = out_.facts.breaks_writers = true;
        break;
      case PublicationRelationId:
        out_.partly_reversible();
        stop_publishing(removed.object.objid);
        break;
      // Queries name them.
      case OperatorRelationId:
      case OperatorClassRelationId:
      case OperatorFamilyRelationId:
      case CollationRelationId:
      case ConversionRelationId:
      case TSConfigRelationId:
      case TSDictionaryRelationId:
        if (!removed.is_part && !dropped.is_new) out_.facts.breaks_readers = true;
        break;
      case TypeRelationId:
        if (!removed.is_part && !dropped.is_new && !only_versions_use(out_.registry(), oid))
          out_.facts.breaks_readers = true;
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
    if (OidIsValid(dropped.table)) {
      dropped.is_new = dropped.is_new || pg::made_here(dropped.table);
      dropped.is_temp = dropped.is_temp || pg::table_facts(dropped.table).is_temp();
    }
    // What has no rows can be made again as it was.
    const bool of_others = dropped.holds_data && !dropped.is_new && !dropped.is_temp;
    if (of_others && dropped.bytes != 0) out_.irreversible();
    if (of_others) out_.partly_reversible();
    out_.facts.drops.push_back(std::move(dropped));
  }

 private:
  // Who receives gets less. Its tables are not locked, so their schemas are all that is said.
  void stop_publishing(Oid publication) {
    out_.facts.breaks_readers = true;
    for (const Oid schema : pg::published_schemas(publication))
      out_.in_schema(schema);
    if (!pg::publishes_all(publication)) return;
    for (const catalog::BaseSchema& base : out_.registry().bases())
      out_.in_schema(base.oid);
  }

  void lock(Oid relation) {
    if (OidIsValid(relation)) out_.add(relation, Lock::AccessExclusive);
  }

  // What goes with its table is missed by nobody who does not miss the table.
  bool stays(Oid table) const { return gone_.count(table) == 0; }

  // Returns the table that the trigger, policy or statistics object is on, or the sequence is of.
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
        dropped.table = table_of({RelationRelationId, oid, 0});
        // What it counted to is in no row. With its table it serves nobody.
        if (dropped.by_cascade || out_.facts.drops.empty()) {
          out_.facts.breaks_writers = true;
          out_.irreversible();
        }
        break;
      case RELKIND_INDEX:
      case RELKIND_PARTITIONED_INDEX:
        index(dropped);
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

  void index(model::DroppedObject& dropped) {
    const pg::IndexFacts facts = pg::index_facts(dropped.objid);
    lock(dropped.table = facts.table);
    if (!stays(facts.table)) return;
    if (facts.unique && !out_.is_empty(facts.table)) out_.facts.integrity_loss = true;
    out_.partly_reversible();
  }

  void constraint(model::DroppedObject& dropped, const pg::ConstraintFacts& facts) {
    if (!OidIsValid(facts.table)) {  // of a domain: with it nothing is left that it could check
      const auto owners = pg::dependencies_of({ConstraintRelationId, dropped.objid, 0});
      const bool goes = std::any_of(owners.begin(), owners.end(), [&](const pg::Dependency& owner) {
        return owner.object.classid == TypeRelationId && gone_types_.count(owner.object.objid) > 0;
      });
      if (!goes) out_.facts.integrity_loss = true;
      out_.partly_reversible();
      return;
    }
    lock(dropped.table = facts.table);
    if (facts.type == CONSTRAINT_NOTNULL) {  // a property of its column, as DROP NOT NULL has it
      dropped.is_part = true;
      return;
    }
    // With its table nothing is left that it could hold together.
    if (stays(facts.table) && !pg::made_here(facts.table)) {
      if (!out_.is_empty(facts.table)) out_.facts.integrity_loss = true;
      out_.partly_reversible();
    }
    if (facts.type == CONSTRAINT_FOREIGN) lock(facts.referenced);
  }

 public:
  std::set<Oid> gone_;  // relations that go as a whole
  std::set<Oid> gone_types_;

 private:
  FactsBuilder& out_;
};

void break_versions(FactsBuilder& out, std::vector<pg::Object> roots, bool cascade) {
  if (!out.registry().in_use()) return;
  std::erase_if(roots, [&](const pg::Object& root) {  // they adopt it
    return root.classid == TypeRelationId && only_versions_use(out.registry(), root.objid);
  });
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

}  // namespace

void add_removed(FactsBuilder& out, const pg::Object& object) {
  out.facts.drops.push_back(described({object, false, false}));
}

void add_drops(FactsBuilder& out, const std::vector<pg::Object>& roots, bool cascade) {
  Drop drop(out);
  const std::vector<Removed> closure = removed_by(out.registry(), roots, cascade);
  for (const Removed& removed : closure) {
    if (removed.object.classid == RelationRelationId && removed.object.subid == 0)
      drop.gone_.insert(removed.object.objid);
    if (removed.object.classid == TypeRelationId) drop.gone_types_.insert(removed.object.objid);
  }
  for (const Removed& removed : closure)
    drop.add(removed);
  break_versions(out, roots, cascade);
}

}  // namespace strata::ddl
