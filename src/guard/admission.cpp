// Owns: what admitted statements are known to do (see admission.hpp).
#include "guard/admission.hpp"

extern "C" {
#include "catalog/pg_class.h"
}

namespace strata::guard {

// What had no rows when it was looked at may have some now that the server has locked it.
static bool may_be_lost(const Admission& admission, const model::DroppedObject& dropped) {
  return dropped.bytes != 0 || admission.match ||
         admission.judgement.hazards.has(model::Hazard::DataLoss);
}

bool Admission::foresees_drop(Oid classid, Oid object, int32_t subid) {
  for (const Admission* at = innermost(); at != nullptr; at = at->outer())
    for (const model::DroppedObject& dropped : at->facts.drops)
      if (dropped.classid == classid && dropped.objid == object &&
          (dropped.subid == subid || dropped.subid == 0) && may_be_lost(*at, dropped))
        return true;
  return false;
}

bool Admission::foresees_truncate(Oid relation) {
  for (const Admission* at = innermost(); at != nullptr; at = at->outer())
    for (const model::RelationFacts& facts : at->facts.relations)
      if (facts.oid == relation && facts.emptied) return true;
  return false;
}

bool Admission::sets_guard() {
  for (const Admission* at = innermost(); at != nullptr; at = at->outer())
    if (at->facts.command == "SET" && at->facts.control_plane) return true;
  return false;
}

}  // namespace strata::guard
