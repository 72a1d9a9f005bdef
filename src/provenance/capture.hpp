// What one statement changes: the definitions of the objects it touches, before and after.
//
// What it will touch is known from its facts; what it touches besides (hooks, cascades that nobody
// foresaw) is seen object by object through the server's object access hook. Only objects of
// tracked schemas count. Parts of a relation (indexes, constraints, triggers, ...) are in its
// definition.
//
// Scope: one statement.
#pragma once

#include "model/facts.hpp"
#include "pg/depend.hpp"
#include "pg/lock.hpp"
#include "pg/stacked.hpp"
#include "provenance/entries.hpp"
#include "provenance/mapping_changes.hpp"
#include "provenance/reading.hpp"

namespace strata::provenance {

class Capture : public pg::Stacked<Capture> {
 public:
  explicit Capture(MemoryContext where) noexcept : context(where) {}

  // Takes the definitions of what the statement will touch. Waits for no lock: what another session
  // commits until the statement has its own is caught by saw_changed. May be called again, when the
  // statement was looked at again: what nobody has changed meanwhile is kept.
  void before(Node* tree, const model::StatementFacts& facts);

  // Takes it again where the server will wait for a lock and no hook tells when it has that.
  void wait_for_commented(Node* tree);

  // Takes what the columns of the version views over the relation read and write.
  void watch_mappings(Oid relation);

  // Fills in before, after, mappings, rewrote, dropped and versions_affected of the change; returns
  // false when nothing of a tracked schema was touched.
  bool after(const model::StatementFacts& facts, Change* change);

  // The statement is about to change or drop the object, or has just made it.
  void saw_changed(const pg::Object& object);
  void saw_made(const pg::Object& object);

  // Another session, or a command of this one, has changed the relation; InvalidOid: any.
  void forget(Oid relation) noexcept;

  MemoryContext context;
  int64_t began = 0;    // microseconds of the server's clock
  pg::LockTally locks;  // when it began
  Number locked_at;     // none: no locks were taken ahead of it

 private:
  struct Taken {
    std::string name;
    std::optional<std::string> shape;
    Oid file = InvalidOid;
    uint64_t read_at = 0;     // pg::catalog_changes() then
    uint64_t comments = 0;    // pg::comments_stamp() then, of a relation
    bool is_changed = false;  // the server said so of the relation
    uint32_t command = 0;     // pg::command_number() then
    bool seen = false;
    bool is_known = false;           // else it was locked, and what was before it is not known
    bool counts = false;             // was in a tracked schema
    bool only_mentions = false;      // what gets another name; may stay as it is
    std::set<std::string> versions;  // that show it
  };

  // Opens `reading` when something has to be read.
  void take(const pg::Object& object, std::optional<Reading>& reading);
  static void add_versions_of(Oid relation, std::set<std::string>& out);
  static bool is_stale(const pg::Object& object, const Taken& taken);

  std::map<pg::Object, Taken> taken_;
  std::set<pg::Object> made_;
  std::set<pg::Object> elsewhere_;  // changed, and not in a tracked schema then
  std::set<std::string> versions_;
  MappingChanges mappings_;
};

// Begins to gather what is touched, in a memory context of its own; ends it.
Capture* begin_capture();
void discard(Capture* capture);

}  // namespace strata::provenance
