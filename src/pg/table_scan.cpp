// Owns: the sequential read of a registry table (see table_scan.hpp).
#include "pg/table_scan.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

namespace strata::pg {
namespace raw {

struct Scan {
  Oid relid;
  int count;
  int columns;
  TableRows::Cell* cells;
};

// Reads all rows, or by `index`, which begins with the first column, those where that is `key`.
static Scan read_table(const char* schema, const char* table, const char* index, Datum key,
                       RegProcedure equality) {
  Scan out{InvalidOid, 0, 0, nullptr};
  Oid namespace_oid = get_namespace_oid(schema, true);
  out.relid = OidIsValid(namespace_oid) ? get_relname_relid(table, namespace_oid) : InvalidOid;
  if (!OidIsValid(out.relid)) return out;
  Relation rel = table_open(out.relid, AccessShareLock);
  TupleDesc desc = RelationGetDescr(rel);
  out.columns = desc->natts;
  size_t capacity = 64;
  const size_t row_size = sizeof(TableRows::Cell) * static_cast<size_t>(out.columns);
  out.cells = static_cast<TableRows::Cell*>(palloc(row_size * capacity));
  Oid index_oid = index != nullptr ? get_relname_relid(index, namespace_oid) : InvalidOid;
  ScanKeyData condition;
  ScanKeyInit(&condition, 1, BTEqualStrategyNumber, equality, key);
  SysScanDesc scan = systable_beginscan(rel, index_oid, OidIsValid(index_oid), nullptr,
                                        OidIsValid(index_oid) ? 1 : 0, &condition);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    if (static_cast<size_t>(out.count) == capacity) {
      capacity *= 2;
      out.cells = static_cast<TableRows::Cell*>(repalloc_huge(out.cells, row_size * capacity));
    }
    for (int i = 0; i < out.columns; i++) {
      TableRows::Cell* cell = &out.cells[out.count * out.columns + i];
      cell->value = heap_getattr(tuple, i + 1, desc, &cell->null);
      Form_pg_attribute att = TupleDescAttr(desc, i);
      if (!cell->null && !att->attbyval) cell->value = datumCopy(cell->value, false, att->attlen);
    }
    out.count++;
  }
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return out;
}

static void update_name(const char* schema, const char* table, const char* index, Oid relation,
                        int column, const char* from, const char* to) {
  Oid namespace_oid = get_namespace_oid(schema, true);
  Oid relid = OidIsValid(namespace_oid) ? get_relname_relid(table, namespace_oid) : InvalidOid;
  Oid index_oid = OidIsValid(relid) ? get_relname_relid(index, namespace_oid) : InvalidOid;
  if (!OidIsValid(index_oid)) return;
  Relation rel = table_open(relid, RowExclusiveLock);
  ScanKeyData key;
  ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
  SysScanDesc scan = systable_beginscan(rel, index_oid, true, nullptr, 1, &key);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    bool isnull;
    Datum old = heap_getattr(tuple, column, RelationGetDescr(rel), &isnull);
    if (isnull) continue;
    NameData name;
    if (strcmp(NameStr(*DatumGetName(old)), from) == 0) {
      namestrcpy(&name, to);
    } else if (strcmp(NameStr(*DatumGetName(old)), to) == 0) {
      // Columns cannot share a name, so this one is gone, unseen by any version. Its number must
      // not come to mean another one.
      int number = DatumGetInt32(heap_getattr(tuple, column - 1, RelationGetDescr(rel), &isnull));
      namestrcpy(&name, psprintf("........pg.dropped.%d........", number));
    } else {
      continue;
    }
    Datum value = NameGetDatum(&name);
    HeapTuple changed =
        heap_modify_tuple_by_cols(tuple, RelationGetDescr(rel), 1, &column, &value, &isnull);
    CatalogTupleUpdate(rel, &tuple->t_self, changed);
  }
  systable_endscan(scan);
  table_close(rel, RowExclusiveLock);
  CommandCounterIncrement();
}

}  // namespace raw

std::string TableRows::name(int row, int column) const {
  const Cell& at = cell(row, column);
  return at.null ? std::string() : std::string(NameStr(*DatumGetName(at.value)));
}

std::string TableRows::text(int row, int column) const {
  const Cell& at = cell(row, column);
  if (at.null) return {};
  return call([&] {
    return text_to_cstring(
        pg_detoast_datum_packed(reinterpret_cast<varlena*>(DatumGetPointer(at.value))));
  });
}

Oid TableRows::oid(int row, int column) const {
  const Cell& at = cell(row, column);
  return at.null ? InvalidOid : DatumGetObjectId(at.value);
}

void update_name(const char* schema, const char* table, const char* index, Oid relation, int column,
                 const std::string& from, const std::string& to) {
  call([&] { raw::update_name(schema, table, index, relation, column, from.c_str(), to.c_str()); });
}

TableRows read_table(const char* schema, const char* table) {
  const raw::Scan scan =
      call([&] { return raw::read_table(schema, table, nullptr, Datum{0}, F_OIDEQ); });
  return {scan.relid, scan.count, scan.columns, scan.cells};
}

TableRows find_rows(const char* schema, const char* table, const char* index, Oid key) {
  const raw::Scan scan =
      call([&] { return raw::read_table(schema, table, index, ObjectIdGetDatum(key), F_OIDEQ); });
  return {scan.relid, scan.count, scan.columns, scan.cells};
}

TableRows find_rows_by_number(const char* schema, const char* table, const char* index,
                              int64_t key) {
  const raw::Scan scan =
      call([&] { return raw::read_table(schema, table, index, Int64GetDatum(key), F_INT8EQ); });
  return {scan.relid, scan.count, scan.columns, scan.cells};
}

}  // namespace strata::pg
