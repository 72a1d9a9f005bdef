// One change of its versions at a time for a base schema: track, publish, deprecate, retire and
// set_option take it. Mappings are serialized by the locks on their version views.
#pragma once

#include "pg/lock.hpp"

namespace strata::version {

// Locks the base schema object against other changes of its versions until the transaction ends.
// The mode conflicts with itself only, so creating and using objects in the schema goes on.
class VersionLock {
 public:
  explicit VersionLock(Oid base) { pg::lock_schema(base); }
};

}  // namespace strata::version
