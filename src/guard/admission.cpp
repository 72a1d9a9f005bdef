// Owns: the stack of admitted statements (see admission.hpp). Scope: backend.
#include "guard/admission.hpp"

extern "C" {
#include "catalog/pg_class.h"
}

namespace strata::guard {

Admission* Admission::innermost_ = nullptr;

Admission::Admission(MemoryContext where) noexcept : context(where), outer_(innermost_) {
  innermost_ = this;
}

// Contexts of statements go from the inside to the outside, but for those that an error leaves to
// the end of the transaction, which go in any order.
Admission::~Admission() {
  for (Admission** at = &innermost_; *at != nullptr; at = &(*at)->outer_) {
    if (*at != this) continue;
    *at = outer_;
    return;
  }
}

bool Admission::foresees_drop(Oid classid, Oid object, int32_t subid) {
  for (const Admission* at = innermost_; at != nullptr; at = at->outer_)
    for (const model::DroppedObject& dropped : at->facts.drops)
      if (dropped.classid == classid && dropped.objid == object &&
          (dropped.subid == subid || dropped.subid == 0))
        return true;
  return false;
}

bool Admission::foresees_truncate(Oid relation) {
  for (const Admission* at = innermost_; at != nullptr; at = at->outer_)
    for (const model::RelationFacts& facts : at->facts.relations)
      if (facts.oid == relation && facts.emptied) return true;
  return false;
}

bool Admission::sets_guard() {
  for (const Admission* at = innermost_; at != nullptr; at = at->outer_)
    if (at->facts.command == "SET" && at->facts.control_plane) return true;
  return false;
}

}  // namespace strata::guard
