// Owns: the uses of kept plans (see plan_uses.hpp). Scope: backend; an entry lives as long as the
// plan does, which tells us by a callback of its memory context.
//
// Such a plan is made anew when a view it reads changes, so its uses stay right. A few places, each
// for one plan at a time: what finds its place taken is looked at each time.
#include "telemetry/plan_uses.hpp"

#include "pg/guard.hpp"

extern "C" {
#include "utils/memutils.h"
}

namespace strata::telemetry {
namespace {

constexpr size_t kPlaces = 256;

struct Place {
  const PlannedStmt* plan = nullptr;  // null: free
  Uses uses;
};

// Never freed: a static object would have a destructor that runs at exit.
auto* const places = new std::vector<Place>(kPlaces);

Place& place_of(const PlannedStmt* plan) {
  const auto address = reinterpret_cast<uintptr_t>(plan);
  return (*places)[(address >> 4 ^ address >> 12) % kPlaces];
}

void free_place(void* place) {
  static_cast<Place*>(place)->plan = nullptr;
}

// Returns the context of a plan that the server keeps to run it again (utils/plancache.c); null for
// one that is used once.
MemoryContext kept_in(const PlannedStmt* plan) {
  MemoryContext const context = GetMemoryChunkContext(const_cast<PlannedStmt*>(plan));
  return strcmp(context->name, "CachedPlan") == 0 ? context : nullptr;
}

}  // namespace

Uses* uses_of(const QueryDesc* query, Oid role, Uses* own) {
  const PlannedStmt* const plan = query->plannedstmt;
  Place& place = place_of(plan);
  // Of a plan that another role's cursor still runs there is no place for this role.
  const bool is_free = place.uses.statements == 0;
  if (place.plan == plan && (place.uses.role == role || is_free)) {
    if (place.uses.role != role) {
      for (pg::CountedUse& use : place.uses.uses)
        use.role = role;
      place.uses.role = role;
      place.uses.place = {};
    }
    return &place.uses;
  }
  own->uses.clear();
  own->role = role;
  own->place = {};
  find_uses(query, role, &own->uses);
  MemoryContext const context = place.plan == nullptr && is_free ? kept_in(plan) : nullptr;
  if (context == nullptr) return own;
  place.uses = *own;
  pg::call([&] {
    auto* callback = static_cast<MemoryContextCallback*>(
        MemoryContextAlloc(context, sizeof(MemoryContextCallback)));
    callback->func = free_place;
    callback->arg = &place;
    MemoryContextRegisterResetCallback(context, callback);
  });
  place.plan = plan;
  return &place.uses;
}

}  // namespace strata::telemetry
