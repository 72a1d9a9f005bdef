// What one statement uses of versions, read off the permission bitmaps of its plan.
//
// The server notes for each relation that a statement names which columns it reads and writes, to
// check the caller's rights, and keeps that in the plan; so nothing has to be walked. A view is
// noted as well as what it reads, and a write through a version keeps the view's entry
// (rewrite/retarget.cpp).
#pragma once

#include "catalog/registry.hpp"
#include "model/operation.hpp"
#include "pg/shared_counters.hpp"

extern "C" {
#include "executor/execdesc.h"
}

namespace strata::telemetry {

// Appends what the statement uses, as the role: of each version the statement as a whole, of each
// relation the relation as a whole and the columns. Error and numbers are left to the caller.
// Nothing for a statement that meets no version. Raises what reading the registry raises.
void find_uses(const QueryDesc* query, Oid role, std::vector<pg::CountedUse>* out);

// The same for a statement that could not be planned, of which only the relations are known. Looks
// at no catalog: that is not allowed after an error. What the planner had changed already by then
// (sublinks made into joins) is met where it is now.
void find_uses(const Query* query, const catalog::Registry& registry, Oid role,
               std::vector<pg::CountedUse>* out);

}  // namespace strata::telemetry
