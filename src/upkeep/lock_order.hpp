// Locks: version views before their tables, in the mode the statement takes on the table.
//
// A client of a version locks the view and then the table. DDL that locked the table first would
// wait for the view while the client waits for the table. So every DDL on a base table, also a
// harmless one, locks the views first: core's own order for an index and its table, the other way
// round.
//
// Scope: one statement; the locks themselves are held until the transaction ends.
#pragma once

#include "catalog/registry.hpp"
#include "ddl/statement.hpp"
#include "pg/lock.hpp"

namespace strata::upkeep {

// What a statement must lock, in this order: a base schema it renames, against publish and retire;
// version views by OID; then the relations.
class LockPlan {
 public:
  LockPlan() = default;
  LockPlan(const catalog::Registry& registry, const ddl::Statement& statement);

  // For functions that lock as DDL does.
  void add_view(Oid view, LOCKMODE mode);
  void add_views_of(const catalog::Registry& registry, Oid base, LOCKMODE mode);
  void add_relation(Oid relation, LOCKMODE mode);

  bool operator==(const LockPlan& other) const = default;

  void take(const pg::LockDeadline& deadline) const;
  void give_back() const;

 private:
  void take_one(const pg::LockDeadline& deadline, Oid relation, LOCKMODE mode) const;

  Oid schema_ = InvalidOid;
  bool nowait_ = false;
  std::map<Oid, LOCKMODE> views_;
  std::vector<std::pair<Oid, LOCKMODE>> relations_;
};

// Takes the locks of the plan that `read` returns. What `read` sees and checks holds under the
// locks: when somebody has changed a catalog while we waited, it is called again, and either wants
// the same locks or gets others in place of them.
template <class Read>
void lock_what_is_read(const Read& read) {
  const pg::LockDeadline deadline;
  std::optional<LockPlan> held;
  for (bool settled = false; !settled;) {
    const uint64_t changes = pg::catalog_changes();
    const LockPlan wanted = read();
    if (held == wanted) return;
    if (held) held->give_back();
    wanted.take(deadline);
    held = wanted;
    settled = pg::catalog_changes() == changes;
  }
}

}  // namespace strata::upkeep
