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

static Scan read_table(const char* schema, const char* table) {
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
  SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, nullptr, 0, nullptr);
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

// Returns false when the new name is another row's.
static bool update_name(const char* schema, const char* table, const char* index, Oid relation,
                        const char* from, const char* to) {
  Oid namespace_oid = get_namespace_oid(schema, true);
  Oid relid = OidIsValid(namespace_oid) ? get_relname_relid(table, namespace_oid) : InvalidOid;
  Oid index_oid = OidIsValid(relid) ? get_relname_relid(index, namespace_oid) : InvalidOid;
  if (!OidIsValid(index_oid)) return true;
  NameData old_name;
  NameData new_name;
  namestrcpy(&old_name, from);
  namestrcpy(&new_name, to);
  Relation rel = table_open(relid, RowExclusiveLock);
  Relation by_name = index_open(index_oid, AccessShareLock);
  AttrNumber relation_column = by_name->rd_index->indkey.values[0];
  AttrNumber name_column = by_name->rd_index->indkey.values[1];
  index_close(by_name, AccessShareLock);
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], relation_column, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  ScanKeyInit(&keys[1], name_column, BTEqualStrategyNumber, F_NAMEEQ, NameGetDatum(&old_name));
  // A scan renumbers the columns in its keys, so each has its own.
  ScanKeyData wanted[2] = {keys[0], keys[1]};
  wanted[1].sk_argument = NameGetDatum(&new_name);
  SysScanDesc scan = systable_beginscan(rel, index_oid, true, nullptr, 2, keys);
  HeapTuple tuple = systable_getnext(scan);
  bool free_name = true;
  if (HeapTupleIsValid(tuple)) {
    SysScanDesc other = systable_beginscan(rel, index_oid, true, nullptr, 2, wanted);
    free_name = !HeapTupleIsValid(systable_getnext(other));
    systable_endscan(other);
  }
  if (HeapTupleIsValid(tuple) && free_name) {
    Datum value = NameGetDatum(&new_name);
    bool isnull = false;
    int column = name_column;
    HeapTuple changed =
        heap_modify_tuple_by_cols(tuple, RelationGetDescr(rel), 1, &column, &value, &isnull);
    CatalogTupleUpdate(rel, &tuple->t_self, changed);
  }
  systable_endscan(scan);
  table_close(rel, RowExclusiveLock);
  CommandCounterIncrement();
  return free_name;
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

bool update_name(const char* schema, const char* table, const char* index, Oid relation,
                 const std::string& from, const std::string& to) {
  return call(
      [&] { return raw::update_name(schema, table, index, relation, from.c_str(), to.c_str()); });
}

TableRows read_table(const char* schema, const char* table) {
  const raw::Scan scan = call([&] { return raw::read_table(schema, table); });
  TableRows rows;
  rows.relid_ = scan.relid;
  rows.count_ = scan.count;
  rows.columns_ = scan.columns;
  rows.cells_ = scan.cells;
  return rows;
}

}  // namespace strata::pg
