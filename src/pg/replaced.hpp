// Copies of tables that have been replaced by newer ones while somebody further up the stack may
// still read them: they live until the transaction ends.
//
// Scope: backend; one list for each type.
#pragma once

#include "pg/prelude.hpp"

extern "C" {
#include "access/xact.h"
}

namespace strata::pg {

template <class T>
class Replaced {
 public:
  // Takes the copy over; null is none.
  static void keep(const T* copy) {
    if (copy == nullptr) return;
    if (copies_ == nullptr) copies_ = new std::vector<const T*>();
    copies_->push_back(copy);
  }

  // To be called once from _PG_init.
  static void watch() { RegisterXactCallback(end, nullptr); }

 private:
  static void end(XactEvent event, void*) {
    if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
      return;
    if (copies_ == nullptr) return;
    for (const T* copy : *copies_)
      delete copy;
    copies_->clear();
  }

  static inline std::vector<const T*>* copies_ = nullptr;
};

}  // namespace strata::pg
