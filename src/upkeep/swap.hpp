// Table swaps: a table loses its name, another one takes it, and versions follow the name.
//
// ALTER TABLE users RENAME TO users_old; ALTER TABLE users_new RENAME TO users. Views follow the
// table they read, so without this old clients would go on writing to users_old. A rename alone is
// followed by OID; only a relation that takes the lost name in the same transaction, with columns
// for everything the versions show, is taken for a swap. Across transactions it is a guess:
// strata.repoint() is for that.
#pragma once

#include "catalog/registry.hpp"
#include "ddl/statement.hpp"

namespace strata::upkeep {

// The name a statement is about to take from a base relation of versions.
class VanishedName {
 public:
  VanishedName() = default;
  explicit VanishedName(const ddl::Statement& statement);

  // Remembers it until the transaction ends, once the statement has run.
  void remember() const;

 private:
  Oid relation_ = InvalidOid;
  Oid schema_ = InvalidOid;
  std::string name_;
};

// Returns true when a name is missing: lost in this transaction, or that of a table versions had.
bool names_are_missing(const catalog::Registry& registry);

// Points versions at relations that took a missing name.
void repoint_to_new_names();

// Points all versions of `from` at `to`. Raises ST004 when `to` lacks a column a version shows, or
// has it in a type that does not convert.
void repoint(Oid from, Oid to);

// Forgets the names lost in the transaction that ends.
void forget_vanished_names() noexcept;

}  // namespace strata::upkeep
