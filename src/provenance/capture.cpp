// Owns: which objects a statement touches (see capture.hpp).
#include "provenance/capture.hpp"

#include "catalog/registry.hpp"
#include "model/json.hpp"
#include "pg/comments.hpp"
#include "pg/known_shapes.hpp"
#include "pg/lock.hpp"
#include "pg/new_part.hpp"
#include "pg/relation.hpp"
#include "pg/shape.hpp"
#include "provenance/named.hpp"
#include "provenance/readable.hpp"
#include "provenance/touched.hpp"

extern "C" {
#include "utils/lsyscache.h"
}

namespace strata::provenance {
namespace {

bool is_tracked(const pg::Object& object) {
  const Oid schema = pg::shape_schema(object);
  return OidIsValid(schema) && catalog::registry().base_schema(schema) != nullptr;
}

// On what is a part of a relation, the server locks the part.
bool comment_locks(ObjectType type) {
  switch (type) {
    case OBJECT_COLUMN:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_TABLE:
    case OBJECT_VIEW:
      return true;
    default:
      return false;
  }
}

void add_member(std::string& out, const std::string& name, const std::string& json) {
  out += (out.empty() ? "{" : ", ") + model::json_string(name) + ": " + json;
}

Text closed(const std::string& members) {
  return members.empty() ? Text() : Text(members + "}");
}

}  // namespace

void Capture::take(const pg::Object& object, std::optional<Reading>& reading) {
  Taken& taken = taken_[object];
  taken.read_at = pg::catalog_changes();
  taken.is_changed = false;
  std::optional<pg::KnownShape> known;
  if (object.classid == RelationRelationId)
    if (const pg::KnownShape* found = pg::known_shape(object.objid)) known = *found;
  std::optional<Readable> readable;
  if (!known && !readable.emplace(object)) return;
  if (!known && !reading) reading.emplace();
  taken.is_known = true;
  taken.counts = is_tracked(object);
  taken.name = known ? known->name : pg::shape_name(object);
  taken.comments = known ? known->comments : 0;
  taken.shape = known ? known->shape : pg::shape_of(object, &taken.comments);
  taken.command = pg::command_number();
  if (object.classid == RelationRelationId) {
    taken.file = pg::storage_file(object.objid);
    add_versions_of(object.objid, taken.versions);
  }
}

void Capture::add_versions_of(Oid relation, std::set<std::string>& out) {
  for (const catalog::VersionView* view : catalog::registry().views_of(relation))
    out.insert(catalog::registry().version(view->version_id)->version);
}

// With many sessions at DDL some catalog has changed nearly always, and definitions of relations
// are long: so for these it is looked at what has changed.
bool Capture::is_stale(const pg::Object& object, const Taken& taken) {
  if (taken.read_at == pg::catalog_changes() || !taken.is_known) return !taken.is_known;
  if (object.classid != RelationRelationId) return true;
  return taken.is_changed || taken.comments != pg::comments_stamp(object.objid);
}

void Capture::forget(Oid relation) noexcept {
  if (OidIsValid(relation)) {
    const auto known = taken_.find({RelationRelationId, relation, 0});
    if (known != taken_.end()) known->second.is_changed = true;
    return;
  }
  for (auto& [object, taken] : taken_)
    taken.is_changed = true;
}

void Capture::before(Node* tree, const model::StatementFacts& facts) {
  // What the statement names is looked up along the session's search_path, before that is pinned.
  std::set<pg::Object> wanted;
  for (const model::RelationFacts& relation : facts.relations)
    if (relation.oid != 0 && (relation.named || relation.lock >= model::Lock::ShareUpdateExclusive))
      wanted.insert(defined_in({RelationRelationId, relation.oid, 0}));
  for (const model::DroppedObject& dropped : facts.drops)
    wanted.insert(defined_in({dropped.classid, dropped.objid, 0}));
  add_named(tree, wanted);
  const std::set<pg::Object> named = wanted;
  if (changes_names(tree)) add_mentioning(named, wanted);
  wanted.erase(pg::Object{});
  // What comes into a tracked schema is there now only if somebody says so.
  const bool moves = IsA(tree, AlterObjectSchemaStmt);
  const Remapped remapped = remapped_by(tree);
  std::optional<Reading> reading;
  mappings_ = {};
  for (const pg::Object& object : wanted) {
    if (!moves && !is_tracked(object)) continue;
    const auto known = taken_.find(object);
    if (known == taken_.end() || is_stale(object, known->second)) take(object, reading);
    taken_[object].only_mentions = named.count(object) == 0;
    if (!remapped.any || object.classid != RelationRelationId) continue;
    if (!reading) reading.emplace();
    mappings_.watch(object.objid, remapped.named);
  }
}

// No hook shows what gets a comment. So its lock is waited for here: the one that the server takes
// itself, before it asks for rights.
void Capture::wait_for_commented(Node* tree) {
  if (!IsA(tree, CommentStmt) || !comment_locks(castNode(CommentStmt, tree)->objtype)) return;
  for (const auto& [object, taken] : taken_) {
    if (object.classid != RelationRelationId) continue;
    pg::lock_relation(object.objid, ShareUpdateExclusiveLock);
    std::optional<Reading> reading;
    if (is_stale(object, taken)) take(object, reading);
  }
}

void Capture::watch_mappings(Oid relation) {
  const Reading reading;
  add_versions_of(relation, versions_);
  mappings_.watch(relation, {});
}

void Capture::saw_changed(const pg::Object& object) {
  const pg::Object touched = defined_in(object);
  if (touched == pg::Object{} || made_.count(touched) > 0) return;
  const auto known = taken_.find(touched);
  if (known != taken_.end()) {
    if (known->second.seen) return;
    known->second.seen = true;
    // By now the statement holds its lock: what others committed meanwhile is read again, as long
    // as nothing of what it does itself is visible.
    if (known->second.command != pg::command_number() && known->second.is_known) return;
    if (!is_stale(touched, known->second)) return;
  } else if (!is_tracked(touched)) {
    elsewhere_.insert(touched);
    return;
  }
  std::optional<Reading> reading;
  take(touched, reading);
  taken_[touched].seen = true;
}

void Capture::saw_made(const pg::Object& object) {
  if (object.subid != 0) return saw_changed({object.classid, object.objid, 0});
  if (const Oid relation = pg::relation_of_new_part(object); OidIsValid(relation))
    return saw_changed({RelationRelationId, relation, 0});
  // CREATE OR REPLACE, which some kinds have, says the same of what was there.
  if (!pg::has_code_shape(object.classid) && OidIsValid(pg::shape_schema(object)))
    return saw_changed(object);
  made_.insert(object);
}

bool Capture::after(const model::StatementFacts& facts, Change* change) {
  pg::command_counter_increment();
  const Reading reading;
  elsewhere_.insert(made_.begin(), made_.end());
  for (const pg::Object& object : elsewhere_)
    if (taken_.count(object) == 0 && defined_in(object) == object && is_tracked(object))
      taken_[object].is_known = true;
  std::string was;
  std::string is;
  bool touched = false;
  for (const auto& [object, taken] : taken_) {
    const bool counts = is_tracked(object);
    if (!counts && !taken.counts) continue;
    if (!std::exchange(touched, true))
      if (const auto* base = catalog::registry().base_schema(pg::shape_schema(object)))
        change->base = base->name;
    if (!taken.only_mentions) versions_.insert(taken.versions.begin(), taken.versions.end());
    const Readable readable(object);
    if (!readable || !taken.is_known) {
      // Somebody has it locked. That it was touched is known, and null what became of it.
      const std::string name = pg::shape_name(object);
      add_member(was, taken.is_known ? taken.name : name, taken.shape.value_or("null"));
      add_member(is, name, readable ? pg::shape_of(object).value_or("null") : "null");
      change->objects.insert(name);
      change->oids.insert(object.objid);
      note_touched(object, name, std::nullopt, 0);
      continue;
    }
    if (OidIsValid(taken.file)) {
      const Oid file = pg::storage_file(object.objid);
      change->rewrote = change->rewrote || (OidIsValid(file) && file != taken.file);
    }
    uint64_t comments = 0;
    const std::optional<std::string> now = pg::shape_of(object, &comments);
    if (taken.shape == now) continue;
    versions_.insert(taken.versions.begin(), taken.versions.end());
    change->oids.insert(object.objid);
    if (taken.shape) {
      add_member(was, taken.name, *taken.shape);
      change->objects.insert(taken.name);
    }
    if (now) {
      const std::string name = pg::shape_name(object);
      add_member(is, name, *now);
      change->objects.insert(name);
      note_touched(object, name, now, comments);
    }
    if (taken.shape && !now) change->dropped.push_back(taken.name);
  }
  for (const model::DroppedObject& dropped : facts.drops)
    if (!dropped.is_part && (dropped.subid != 0 || dropped.table != 0))
      change->dropped.push_back(dropped.type + " " + dropped.identity);
  change->before = closed(was);
  change->after = closed(is);
  change->mappings = mappings_.found();
  change->versions_affected.assign(versions_.begin(), versions_.end());
  return touched;
}

}  // namespace strata::provenance
