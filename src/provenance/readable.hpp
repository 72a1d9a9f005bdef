// Reading definitions without waiting for anybody.
#pragma once

#include "pg/depend.hpp"

extern "C" {
#include "catalog/pg_class.h"
#include "storage/lmgr.h"
}

namespace strata::provenance {

// The server locks a relation for an instant to write an expression over it as SQL. Nobody is to
// wait for that: not who has no right to the relation, and not before the statement's own locks.
class Readable {
 public:
  explicit Readable(const pg::Object& object) {
    if (object.classid != RelationRelationId) return;
    relation_ = object.objid;
    locked_ = pg::call([&] { return ConditionalLockRelationOid(object.objid, AccessShareLock); });
  }
  ~Readable() {
    if (locked_ && std::uncaught_exceptions() == exceptions_)
      UnlockRelationOid(relation_, AccessShareLock);
  }
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;
  explicit operator bool() const { return locked_ || !OidIsValid(relation_); }

 private:
  Oid relation_ = InvalidOid;
  bool locked_ = false;
  int exceptions_ = std::uncaught_exceptions();
};

}  // namespace strata::provenance
