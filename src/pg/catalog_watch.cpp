// Owns: who is told of changes (see catalog_watch.hpp). Scope: backend.
#include "pg/catalog_watch.hpp"

extern "C" {
#include "utils/inval.h"
}

namespace strata::pg {
namespace {

// Never freed: a static object would have a destructor that runs at exit.
auto* const listeners = new std::vector<void (*)(Oid) noexcept>();

void tell(Datum, Oid relation) {
  for (const auto& listener : *listeners)
    listener(relation);
}

}  // namespace

void on_relation_change(void (*function)(Oid relation) noexcept) {
  listeners->push_back(function);
}

void watch_catalogs() {
  CacheRegisterRelcacheCallback(tell, Datum{0});
}

}  // namespace strata::pg
