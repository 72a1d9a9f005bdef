// Locks for the time of reading a definition.
//
// To write an expression, a view or a policy as SQL, the server locks the relations in it and keeps
// them locked to the end of the transaction. Here they are given back when the reading is over.
#pragma once

#include "pg/depend.hpp"

extern "C" {
#include "utils/resowner.h"
}

namespace strata::pg {

// Scope: everything locked while it lives is unlocked when it ends, in the order of a stack. After
// an error the transaction does that.
class BorrowedLocks {
 public:
  BorrowedLocks();
  ~BorrowedLocks();
  BorrowedLocks(const BorrowedLocks&) = delete;
  BorrowedLocks& operator=(const BorrowedLocks&) = delete;

  // Locks the relation for reading; false when that would have to wait.
  bool borrow(Oid relation);

 private:
  ResourceOwner before_;
  ResourceOwner owner_;
  int exceptions_ = std::uncaught_exceptions();
};

// Returns the relations that the server locks to write the definition as SQL: the relation itself,
// and what its rules (also a view's query) and policies, or the body of a function, name.
std::vector<Oid> relations_in_definition(const Object& object);

}  // namespace strata::pg
