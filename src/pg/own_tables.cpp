// Owns: the names that were looked up (see own_tables.hpp).
#include "pg/own_tables.hpp"

#include "pg/catalog_watch.hpp"
#include "pg/names.hpp"

extern "C" {
#include "utils/inval.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace {

struct Known {
  std::string name;
  Oid table;
};

// Never freed: a static object would have a destructor that runs at exit.
auto* const known = new std::vector<Known>();

void note(Oid relation) noexcept {
  if (!OidIsValid(relation) || std::any_of(known->begin(), known->end(),
                                           [&](const Known& one) { return one.table == relation; }))
    known->clear();
}

void note_schemas(Datum, int, uint32) {
  known->clear();
}

}  // namespace

Oid own_table(const std::string& name) {
  for (const Known& one : *known)
    if (one.name == name) return one.table;
  const Oid table = relation_oid(schema_oid("strata"), name);
  if (OidIsValid(table)) known->push_back({name, table});
  return table;
}

void watch_own_tables() {
  on_relation_change(note);
  call([] { CacheRegisterSyscacheCallback(NAMESPACEOID, note_schemas, Datum{0}); });
}

}  // namespace strata::pg
