// Reading definitions without waiting for anybody.
#pragma once

#include "pg/borrowed_locks.hpp"

namespace strata::provenance {

// The server locks relations to write a definition as SQL. Nobody is to wait for that: not who has
// no right to them, and not before the statement's own locks.
class Readable {
 public:
  explicit Readable(const pg::Object& object) {
    for (const Oid relation : pg::relations_in_definition(object))
      readable_ = readable_ && locks_.borrow(relation);
  }
  explicit operator bool() const { return readable_; }

 private:
  pg::BorrowedLocks locks_;
  bool readable_ = true;
};

}  // namespace strata::provenance
