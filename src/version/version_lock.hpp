// One publish, retire, repair or mapping change at a time for a base schema.
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
