// Owns: the notes of what was recorded (see touched.hpp). Scope: transaction.
#include "provenance/touched.hpp"

#include "catalog/registry.hpp"
#include "model/json.hpp"
#include "pg/clock.hpp"
#include "pg/comments.hpp"
#include "pg/lock.hpp"
#include "pg/names.hpp"
#include "pg/shape.hpp"
#include "pg/subtransaction_end.hpp"
#include "provenance/chain.hpp"
#include "provenance/migration.hpp"
#include "provenance/readable.hpp"
#include "provenance/reading.hpp"

extern "C" {
#include "access/xact.h"
}

namespace strata::provenance {
namespace {

struct Note {
  pg::Object object;
  std::string name;
  Text shape;
  uint64_t read_at;   // pg::catalog_changes() then
  uint64_t comments;  // pg::comments_stamp() then, of a relation
  SubTransactionId subtransaction;
};

// Never freed: static objects would have destructors that run at exit.
auto* const notes = new std::vector<Note>();
auto* const changed_relations = new std::unordered_set<Oid>();
bool any_changed = false;

bool is_stale(const Note& note) {
  if (!note.shape) return true;
  if (note.read_at == pg::catalog_changes()) return false;
  if (note.object.classid != RelationRelationId || any_changed) return true;
  return changed_relations->count(note.object.objid) > 0 ||
         note.comments != pg::comments_stamp(note.object.objid);
}

// The last note of each object: what was recorded before is part of it.
std::map<pg::Object, const Note*> last_notes() {
  std::map<pg::Object, const Note*> out;
  for (const Note& note : *notes)
    out[note.object] = &note;
  return out;
}

struct Became {
  std::string was;
  std::string is;
  Change change;
};

void add_member(std::string& out, const std::string& name, const Text& shape) {
  out += (out.empty() ? "{" : ", ") + model::json_string(name) + ": " + shape.value_or("null");
}

void look_again(const Note& note, std::map<std::string, Became>& by_base) {
  const auto* base = catalog::registry().base_schema(pg::shape_schema(note.object));
  if (base == nullptr) return;
  const Readable readable(note.object);
  if (!readable) return;
  const Text now = pg::shape_of(note.object);
  if (!now || now == note.shape) return;
  const std::string name = pg::shape_name(note.object);
  Became& became = by_base[base->name];
  add_member(became.was, note.name, note.shape);
  add_member(became.is, name, now);
  became.change.objects.insert({note.name, name});
  became.change.oids.insert(note.object.objid);
}

void record_what_became() {
  if (notes->empty()) return;
  std::map<std::string, Became> by_base;
  {
    std::optional<Reading> reading;
    for (const auto& [object, note] : last_notes()) {
      if (!is_stale(*note)) continue;
      if (!reading) reading.emplace();
      look_again(*note, by_base);
    }
  }
  for (auto& [base, became] : by_base) {
    Change& change = became.change;
    change.migration_id = join_migration(base);
    change.base = base;
    change.command = "strata.concurrent";
    change.statement = "others changed the same objects at the same time";
    change.statement_length = static_cast<int64_t>(change.statement.size());
    change.statement_digest = digest_of(change.statement);
    change.effective_role = pg::role_name(pg::call([] { return GetUserId(); }));
    change.at = pg::now();
    change.before = became.was + "}";
    change.after = became.is + "}";
    append(change);
  }
}

void at_end(XactEvent event, void*) {
  if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
    return;
  notes->clear();
  changed_relations->clear();
  any_changed = false;
}

void at_subtransaction_end(SubXactEvent event, SubTransactionId self, SubTransactionId parent,
                           void*) {
  pg::end_subtransaction(*notes, event, self, parent);
}

}  // namespace

void note_touched(const pg::Object& object, const std::string& name, const Text& shape,
                  uint64_t comments) {
  pg::follow_subtransactions<at_subtransaction_end>();
  notes->push_back(
      {object, name, shape, pg::catalog_changes(), comments, GetCurrentSubTransactionId()});
  changed_relations->erase(object.objid);
}

void touched_may_be_stale(Oid relation) noexcept {
  if (notes->empty()) return;
  if (!OidIsValid(relation)) {
    any_changed = true;
    return;
  }
  try {
    changed_relations->insert(relation);
  } catch (...) {
    any_changed = true;
  }
}

void watch_touched() {
  at_commit(record_what_became);
  pg::call([] { RegisterXactCallback(at_end, nullptr); });
}

}  // namespace strata::provenance
