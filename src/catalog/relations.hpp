// Writing to strata.published_relation and reading contracts, as the extension's owner.
//
// Called by upkeep and version; nothing is kept in the session.
#pragma once

#include "pg/guard.hpp"

namespace strata::catalog {

// Sets the base relation of a published relation; InvalidOid: it has none any more.
void set_base(int64_t relation_id, Oid base);

// Sets the inverse view of a published relation; InvalidOid: it has none.
void set_inverse(int64_t relation_id, Oid inverse);

// A column of a contract, as frozen at publish.
struct ContractColumn {
  int position = 0;
  std::string name;
  Oid type = InvalidOid;
  int32_t typmod = -1;
  bool omissible = false;
  bool has_default = false;  // the view's, also while it is computed and the view cannot have one
  bool lost = false;         // DDL took what it was computed from, under on_break = follow
  std::string base_column;   // its base column's name now; empty when that is replaced or gone
};

// Returns the contract of a published relation, in order.
std::vector<ContractColumn> contract(int64_t relation_id);

// Records whether a column of the contract lost what it was computed from.
void set_lost(int64_t relation_id, int position, bool lost);

}  // namespace strata::catalog
