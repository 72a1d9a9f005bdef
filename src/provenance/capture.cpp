// Owns: which objects a statement touches (see capture.hpp).
#include "provenance/capture.hpp"

#include "catalog/registry.hpp"
#include "model/json.hpp"
#include "pg/lock.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/shape.hpp"
#include "pg/table_facts.hpp"

extern "C" {
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
}

namespace strata::provenance {
namespace {

constexpr pg::Object kNothing{};

// Returns the object whose definition the object is, or is in; kNothing for what has none.
pg::Object whole(const pg::Object& object) {
  pg::Object out{object.classid, object.objid, 0};
  if (object.classid != NamespaceRelationId && object.classid != ProcedureRelationId &&
      object.classid != TypeRelationId)
    out = {RelationRelationId, pg::relation_of_part(object), 0};
  if (out.classid == TypeRelationId) {
    // An array type comes and goes with that of its elements.
    if (const Oid element = pg::call([&] { return get_element_type(out.objid); });
        OidIsValid(element))
      out.objid = element;
    const Oid relation = pg::call([&] { return get_typ_typrelid(out.objid); });
    if (OidIsValid(relation) && pg::relation_kind(relation) != RELKIND_COMPOSITE_TYPE)
      out = {RelationRelationId, relation, 0};
  }
  if (out.classid == RelationRelationId) {
    const char kind = pg::relation_kind(out.objid);
    if (kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX)
      out.objid = pg::index_facts(out.objid).table;
    if (kind == RELKIND_TOASTVALUE) return kNothing;
    if (kind == RELKIND_COMPOSITE_TYPE)
      out = {TypeRelationId, pg::call([&] { return get_rel_type_id(out.objid); }), 0};
  }
  if (!OidIsValid(out.objid)) return kNothing;
  const Oid schema = pg::shape_schema(out);
  if (!OidIsValid(schema) || catalog::registry().base_schema(schema) == nullptr) return kNothing;
  return out;
}

// Definitions name what is in other schemas with its schema, whatever the session's search_path is.
class Reading {
 public:
  Reading() {
    pg::call([] { PushActiveSnapshot(GetLatestSnapshot()); });
  }
  ~Reading() {
    if (std::uncaught_exceptions() == exceptions_) PopActiveSnapshot();
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  int exceptions_ = std::uncaught_exceptions();
  pg::PinnedSearchPath path_;
};

// The server locks a relation for an instant to write an expression over it as SQL. Nobody is to
// wait for that: not who has no right to the relation, and not before the statement's own locks.
class Readable {
 public:
  explicit Readable(const pg::Object& object) {
    if (object.classid != RelationRelationId) return;
    relation_ = object.objid;
    locked_ = pg::call([&] { return ConditionalLockRelationOid(object.objid, AccessShareLock); });
  }
  ~Readable() {
    if (locked_ && std::uncaught_exceptions() == exceptions_)
      UnlockRelationOid(relation_, AccessShareLock);
  }
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;
  explicit operator bool() const { return locked_ || !OidIsValid(relation_); }

 private:
  Oid relation_ = InvalidOid;
  bool locked_ = false;
  int exceptions_ = std::uncaught_exceptions();
};

// What is no relation and is named in a way that facts do not keep.
pg::Object named_in(Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterDomainStmt: {
      auto* names = reinterpret_cast<AlterDomainStmt*>(tree)->typeName;
      const Oid domain = pg::call(
          [&] { return LookupTypeNameOid(nullptr, makeTypeNameFromNameList(names), true); });
      return {TypeRelationId, domain, 0};
    }
    default:
      return kNothing;
  }
}

void add_member(std::string& out, const std::string& name, const std::string& json) {
  out += (out.empty() ? "{" : ", ") + model::json_string(name) + ": " + json;
}

Text closed(const std::string& members) {
  return members.empty() ? Text() : Text(members + "}");
}

}  // namespace

void Capture::take(const pg::Object& object) {
  Taken& taken = taken_[object];
  const Readable readable(object);
  if (!readable) return;
  taken.is_known = true;
  taken.name = pg::shape_name(object);
  taken.shape = pg::shape_of(object);
  taken.read_at = pg::catalog_changes();
  if (object.classid == RelationRelationId) {
    taken.file = pg::storage_file(object.objid);
    for (const catalog::VersionView* view : catalog::registry().views_of(object.objid))
      versions_.insert(catalog::registry().version(view->version_id)->version);
  }
}

void Capture::before(Node* tree, const model::StatementFacts& facts) {
  const Reading reading;
  std::set<pg::Object> wanted;
  for (const model::RelationFacts& relation : facts.relations)
    if (relation.oid != 0 && (relation.named || relation.lock >= model::Lock::ShareUpdateExclusive))
      wanted.insert(whole({RelationRelationId, relation.oid, 0}));
  for (const model::DroppedObject& dropped : facts.drops)
    wanted.insert(whole({dropped.classid, dropped.objid, 0}));
  wanted.insert(whole(named_in(tree)));
  wanted.erase(kNothing);
  for (const pg::Object& object : wanted)
    take(object);
}

void Capture::saw_changed(const pg::Object& object) {
  const pg::Object touched = whole(object);
  if (touched == kNothing || made_.count(touched) > 0) return;
  const auto known = taken_.find(touched);
  if (known != taken_.end()) {
    if (known->second.seen) return;
    known->second.seen = true;
    // By now the statement holds its lock, and nothing of what it does itself is visible.
    if (known->second.is_known && known->second.read_at == pg::catalog_changes()) return;
  }
  const Reading reading;
  take(touched);
  taken_[touched].seen = true;
}

void Capture::saw_made(const pg::Object& object) {
  made_.insert({object.classid, object.objid, 0});
}

bool Capture::after(const model::StatementFacts& facts, Change* change) {
  pg::command_counter_increment();
  const Reading reading;
  for (const pg::Object& object : made_)
    if (const pg::Object made = whole(object); made != kNothing && taken_.count(made) == 0)
      if (object.classid == made.classid && object.objid == made.objid)
        taken_[made].is_known = true;
  std::string was;
  std::string is;
  for (const auto& [object, taken] : taken_) {
    const Readable readable(object);
    if (!readable) continue;
    if (OidIsValid(taken.file)) {
      const Oid file = pg::storage_file(object.objid);
      change->rewrote = change->rewrote || (OidIsValid(file) && file != taken.file);
    }
    const std::optional<std::string> now = pg::shape_of(object);
    if (taken.shape == now) continue;
    if (taken.shape) add_member(was, taken.name, *taken.shape);
    if (now) add_member(is, pg::shape_name(object), *now);
    if (taken.shape && !now) change->dropped.push_back(taken.name);
  }
  for (const model::DroppedObject& dropped : facts.drops)
    if (!dropped.is_part && (dropped.subid != 0 || dropped.table != 0))
      change->dropped.push_back(dropped.type + " " + dropped.identity);
  if (!taken_.empty()) {
    const Oid schema = pg::shape_schema(taken_.begin()->first);
    if (const catalog::BaseSchema* base = catalog::registry().base_schema(schema))
      change->base = base->name;
  }
  change->before = closed(was);
  change->after = closed(is);
  change->versions_affected.assign(versions_.begin(), versions_.end());
  return !taken_.empty();
}

}  // namespace strata::provenance
