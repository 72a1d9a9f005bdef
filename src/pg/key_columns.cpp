// Owns: reading constraints and unique indexes by name (see key_columns.hpp).
#include "pg/key_columns.hpp"

extern "C" {
#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_constraint.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

namespace strata::pg {
namespace raw {

struct NamedKey {
  const char* name;
  int count;
  AttrNumber* columns;
};

static List* keys_of_indexes(Oid relation, List* out) {
  Relation rel = relation_open(relation, AccessShareLock);
  ListCell* cell;
  foreach (cell, RelationGetIndexList(rel)) {
    Relation index = index_open(lfirst_oid(cell), AccessShareLock);
    if (index->rd_index->indisunique) {
      auto* key = static_cast<NamedKey*>(palloc(sizeof(NamedKey)));
      key->name = pstrdup(RelationGetRelationName(index));
      key->count = index->rd_index->indnkeyatts;
      key->columns =
          static_cast<AttrNumber*>(palloc(sizeof(AttrNumber) * static_cast<size_t>(key->count)));
      for (int i = 0; i < key->count; i++)
        key->columns[i] = index->rd_index->indkey.values[i];
      out = lappend(out, key);
    }
    index_close(index, AccessShareLock);
  }
  relation_close(rel, AccessShareLock);
  return out;
}

static List* keys_of_constraints(Oid relation, List* out) {
  Relation constraints = table_open(ConstraintRelationId, AccessShareLock);
  ScanKeyData by_relation;
  ScanKeyInit(&by_relation, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  SysScanDesc scan = systable_beginscan(constraints, ConstraintRelidTypidNameIndexId, true, nullptr,
                                        1, &by_relation);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    bool isnull;
    Datum columns =
        heap_getattr(tuple, Anum_pg_constraint_conkey, RelationGetDescr(constraints), &isnull);
    if (isnull) continue;
    ArrayType* array = DatumGetArrayTypeP(columns);
    auto* key = static_cast<NamedKey*>(palloc(sizeof(NamedKey)));
    key->name = pstrdup(NameStr(reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple))->conname));
    key->count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    const auto size = sizeof(AttrNumber) * static_cast<size_t>(key->count);
    key->columns = static_cast<AttrNumber*>(palloc(size));
    // Copied: a long array lies in the scan's buffer.
    memcpy(key->columns, ARR_DATA_PTR(array), size);
    out = lappend(out, key);
  }
  systable_endscan(scan);
  table_close(constraints, AccessShareLock);
  return out;
}

}  // namespace raw

std::map<std::string, std::vector<AttrNumber>> key_columns(Oid relation) {
  const List* keys =
      call([&] { return raw::keys_of_constraints(relation, raw::keys_of_indexes(relation, NIL)); });
  std::map<std::string, std::vector<AttrNumber>> out;
  const ListCell* cell;
  foreach (cell, keys) {
    const auto* key = static_cast<const raw::NamedKey*>(lfirst(cell));
    out[key->name] = std::vector<AttrNumber>(key->columns, key->columns + key->count);
  }
  return out;
}

}  // namespace strata::pg
