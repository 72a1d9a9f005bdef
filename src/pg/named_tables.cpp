// Owns: the tables that were found by name, and which relations were changed since (see
// named_tables.hpp).
#include "pg/named_tables.hpp"

#include "pg/catalog_watch.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace {

// Never freed: static objects would have destructors that run at exit.
auto* const found = new std::map<std::string, std::vector<Oid>>();
auto* const changed = new std::unordered_set<Oid>();
bool any_changed = false;

// More than this are not looked at one by one.
constexpr size_t kSuspects = 1000;

void note(Oid relation) noexcept {
  if (found->empty() || any_changed) return;
  any_changed = !OidIsValid(relation) || changed->size() >= kSuspects;
  try {
    if (!any_changed) changed->insert(relation);
  } catch (...) {
    any_changed = true;
  }
}

// Raise-kind. Returns false when it is no ordinary table.
bool table_name(Oid relation, NameData* out) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return false;
  auto* row = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
  const bool is_table = row->relkind == RELKIND_RELATION;
  *out = row->relname;
  ReleaseSysCache(tuple);
  return is_table;
}

// Forgets the names that the relation has, or had.
void forget_names_of(Oid relation) {
  std::erase_if(*found, [&](const auto& entry) {
    return std::find(entry.second.begin(), entry.second.end(), relation) != entry.second.end();
  });
  NameData name;
  if (call([&] { return table_name(relation, &name); })) found->erase(NameStr(name));
}

void forget_what_changed() {
  call([] { AcceptInvalidationMessages(); });
  std::unordered_set<Oid> relations;
  relations.swap(*changed);
  if (std::exchange(any_changed, false)) return found->clear();
  try {
    for (const Oid relation : relations)
      forget_names_of(relation);
  } catch (...) {
    any_changed = true;
    throw;
  }
}

constexpr int kTables = 32;

struct Tables {
  Oid oids[kTables];
  int count;
};

// Raise-kind. The index on names has the name first.
Tables read(const char* name) {
  Tables out{};
  NameData key_name;
  namestrcpy(&key_name, name);
  Relation catalog = table_open(RelationRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_class_relname, BTEqualStrategyNumber, F_NAMEEQ,
              NameGetDatum(&key_name));
  SysScanDesc scan = systable_beginscan(catalog, ClassNameNspIndexId, true, nullptr, 1, &key);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple) && out.count < kTables;
       tuple = systable_getnext(scan)) {
    auto* row = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
    if (row->relkind == RELKIND_RELATION) out.oids[out.count++] = row->oid;
  }
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  return out;
}

}  // namespace

std::vector<Oid> tables_named(const std::string& name) {
  forget_what_changed();
  const auto known = found->find(name);
  if (known != found->end()) return known->second;
  // What changes while it is read is looked at the next time.
  (*found)[name] = {};
  const char* text = name.c_str();
  try {
    const Tables tables = call([&] { return read(text); });
    return (*found)[name] = {tables.oids, tables.oids + tables.count};
  } catch (...) {
    found->erase(name);
    throw;
  }
}

void watch_named_tables() {
  on_relation_change(note);
}

}  // namespace strata::pg
