// What one statement changes: the definitions of the objects it touches, before and after.
//
// What it will touch is known from its facts; what it touches besides (hooks, cascades that nobody
// foresaw) is seen object by object through the server's object access hook. Only objects of
// tracked schemas count. Parts of a relation (indexes, constraints, triggers, ...) are in its
// definition.
//
// Owns: the stack of statements that are being recorded: DDL runs DDL. Scope: one statement.
#pragma once

#include "model/facts.hpp"
#include "pg/depend.hpp"
#include "provenance/entries.hpp"

namespace strata::provenance {

class Capture {
 public:
  explicit Capture(MemoryContext context) noexcept;
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  // Takes the definitions of what the statement will touch. Takes no locks: what another session
  // commits until the statement has its own is caught by saw().
  void before(Node* tree, const model::StatementFacts& facts);

  // Fills in before, after, rewrote, dropped and versions_affected of the change; returns false
  // when nothing of a tracked schema was touched.
  bool after(const model::StatementFacts& facts, Change* change);

  // The innermost statement is about to change or drop the object, or has just made it.
  static void sees_changed(const pg::Object& object);
  static void sees_made(const pg::Object& object);

  // Returns true when a statement is being recorded.
  static bool active() { return innermost_ != nullptr; }

  MemoryContext context;

 private:
  struct Taken {
    std::string name;
    std::optional<std::string> shape;
    Oid file = InvalidOid;
    uint64_t read_at = 0;  // pg::catalog_changes() then
    bool seen = false;
  };

  void take(const pg::Object& object);

  std::map<pg::Object, Taken> taken_;
  std::set<pg::Object> made_;
  std::set<std::string> versions_;
  Capture* outer_;
  static Capture* innermost_;
};

}  // namespace strata::provenance
