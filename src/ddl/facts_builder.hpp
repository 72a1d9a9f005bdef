// Collecting the facts of one statement: relations by their strongest lock, what they break.
//
// Called by the readers of the families of statements, facts_*.cpp. Scope: one statement.
#pragma once

#include "catalog/registry.hpp"
#include "ddl/facts.hpp"
#include "pg/depend.hpp"
#include "pg/table_facts.hpp"

namespace strata::ddl {

using model::Lock;

class FactsBuilder {
 public:
  explicit FactsBuilder(const Foreseen* foreseen) : foreseen_(foreseen) {}

  model::StatementFacts facts;

  // Returns the relation that the name means when the statement runs, InvalidOid when there is none
  // or when it would be new.
  Oid find(const RangeVar* name) const;

  // Adds the relation under the lock, and returns it until another is added.
  model::RelationFacts& add(Oid relation, Lock lock);

  // Adds the relation that the statement names, new or not, and returns its OID if it is not new.
  Oid add_named(const RangeVar* name, Lock lock);

  // Adds a relation that the statement makes.
  void add_made(const RangeVar* name);

  // Adds the indexes of a table.
  void add_indexes(Oid table, Lock lock);

  // The table, its TOAST table and all its indexes get new files.
  void rewrite(Oid table);

  // All of the relation is read, or an index over all of it is built.
  void scan(Oid relation, Lock lock = Lock::None);

  // Readers or writers of the relation fail or see something else; not when all they use are
  // versions, which keep working, nor when it has none yet.
  void break_readers(Oid relation);
  void break_writers(Oid relation);
  void break_both(Oid relation);

  // Returns true when a table is certainly without rows, as is what inherits from it and what it is
  // a partition of.
  bool is_empty(Oid relation);

  // The statement is about something in the schema that is no relation, or about the schema itself.
  void in_schema(Oid schema);

  // The same for the schema of the object with the name; without one, where it is found or made.
  void in_schema_of(ObjectType type, Node* object);

  // Adds a name to what the statement is about.
  void about(const std::string& name);

  // The statement has no inverse; the weakest that is said counts.
  void partly_reversible();
  void irreversible();

  // Adds a published version that it breaks.
  void break_version(int64_t version_id);

  bool has(Oid relation) const { return places_.count(relation) > 0; }
  const Foreseen* foreseen() const { return foreseen_; }
  const catalog::Registry& registry() const { return catalog::registry(); }

 private:
  bool has_users(Oid relation);
  int64_t bytes_of(Oid relation);  // on the disk, asked once

  const Foreseen* foreseen_;
  std::map<Oid, size_t> places_;  // in facts.relations
  std::map<Oid, bool> empty_;     // by the top of its partitions
  std::map<Oid, int64_t> bytes_;
};

// Returns the relation and what inherits from it; only itself when not `inheritors`.
std::vector<Oid> tree_of(Oid relation, bool inheritors);

// Returns the lock of that number.
inline Lock lock_of(LOCKMODE mode) {
  return static_cast<Lock>(mode);
}

}  // namespace strata::ddl
