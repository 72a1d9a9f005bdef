// Owns: the tables that were found by name, and what tells that there are others now (see
// named_tables.hpp).
#include "pg/named_tables.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_namespace.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace {

// Never freed: static objects would have destructors that run at exit.
auto* const found = new std::map<std::string, std::vector<Oid>>();

// The server tells of a table that comes, goes or gets another name by the hash of its name and
// schema. These are the hashes of the names that were asked for, in all schemas there are.
auto* const hashes = new std::unordered_set<uint32_t>();
auto* const schemas = new std::vector<Oid>();
bool schemas_changed = true;
bool some_changed = false;

void note(Datum, int, uint32 hash) {
  if (hash == 0 || hashes->count(hash) > 0) some_changed = true;
}

void note_schemas(Datum, int, uint32) {
  schemas_changed = true;
}

// Raise-kind.
List* all_schemas() {
  List* out = NIL;
  Relation catalog = table_open(NamespaceRelationId, AccessShareLock);
  SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, nullptr, 0, nullptr);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan))
    out = lappend_oid(out, reinterpret_cast<Form_pg_namespace>(GETSTRUCT(tuple))->oid);
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  return out;
}

void listen_for(const std::string& name) {
  const char* text = name.c_str();
  for (const Oid schema : *schemas)
    hashes->insert(call([&] {
      return GetSysCacheHashValue2(RELNAMENSP, CStringGetDatum(text), ObjectIdGetDatum(schema));
    }));
}

void read_schemas() {
  schemas->clear();
  try {
    const List* all = call([] { return all_schemas(); });
    const ListCell* cell;
    foreach (cell, all)
      schemas->push_back(lfirst_oid(cell));
  } catch (...) {
    schemas_changed = true;
    throw;
  }
}

void forget_what_changed() {
  call([] { AcceptInvalidationMessages(); });
  if (std::exchange(schemas_changed, false)) {
    hashes->clear();
    found->clear();
    read_schemas();
  }
  if (std::exchange(some_changed, false)) found->clear();
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
  // Before it is read: what changes meanwhile is looked at the next time.
  listen_for(name);
  const char* text = name.c_str();
  const Tables tables = call([&] { return read(text); });
  return (*found)[name] = {tables.oids, tables.oids + tables.count};
}

void watch_named_tables() {
  call([] {
    CacheRegisterSyscacheCallback(RELNAMENSP, note, Datum{0});
    CacheRegisterSyscacheCallback(NAMESPACEOID, note_schemas, Datum{0});
  });
}

}  // namespace strata::pg
