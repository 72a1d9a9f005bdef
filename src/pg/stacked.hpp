// Objects that stand for statements under way: DDL runs DDL, so they are on a stack.
//
// Scope: transaction.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "access/xact.h"
}

namespace strata::pg {

// Base of a T that lives in a memory context (make_in). Contexts go from the inside to the outside,
// but for those that an error leaves to the end of the transaction, which go in any order; until
// then what they hold is of a subtransaction that is gone, and is passed over.
template <class T>
class Stacked {
 public:
  Stacked(const Stacked&) = delete;
  Stacked& operator=(const Stacked&) = delete;

  // Returns the innermost, null when there is none.
  static T* innermost() noexcept { return live(top_); }

  // Returns the next one outside of this; null when there is none.
  T* outer() const noexcept { return live(outer_); }

 protected:
  Stacked() noexcept : subtransaction_(GetCurrentSubTransactionId()), outer_(top_) { top_ = this; }

  ~Stacked() {
    for (Stacked** at = &top_; *at != nullptr; at = &(*at)->outer_) {
      if (*at != this) continue;
      *at = outer_;
      return;
    }
  }

 private:
  static T* live(Stacked* from) noexcept {
    while (from != nullptr && !SubTransactionIsActive(from->subtransaction_))
      from = from->outer_;
    return static_cast<T*>(from);
  }

  SubTransactionId subtransaction_;
  Stacked* outer_;
  static inline Stacked* top_ = nullptr;
};

}  // namespace strata::pg
