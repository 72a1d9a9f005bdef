// Version views and schemas belong to whom their base tables and schemas belong to.
//
// A view with its owner's rights would otherwise lose its right to read the table when the table
// changes hands, and the former owner would keep the schema in which clients look names up.
#pragma once

#include "catalog/registry.hpp"
#include "ddl/statement.hpp"

namespace strata::upkeep {

// What ALTER ... OWNER TO changes, as it was before. Lives from before the statement to after it.
class OwnerChange {
 public:
  OwnerChange() = default;
  explicit OwnerChange(const ddl::Statement& statement);

  // Gives the new owner what belongs to the base and still has the former owner; of a schema he is
  // accountable if the former one was. Twins stay with the owner of the view they serve.
  void follow() const;

 private:
  Oid relation_ = InvalidOid;
  Oid schema_ = InvalidOid;
  Oid former_ = InvalidOid;
};

}  // namespace strata::upkeep
