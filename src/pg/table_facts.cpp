// Owns: reading catalogs about relations without locking them (see table_facts.hpp).
#include "pg/table_facts.hpp"

#include "pg/depend.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace raw {

static TableFacts table_facts(Oid relation) {
  TableFacts out;
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return out;
  auto* row = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
  out.schema = row->relnamespace;
  out.row_type = row->reltype;
  out.of_type = row->reloftype;
  out.access_method = row->relam;
  out.tablespace = row->reltablespace;
  out.toast = row->reltoastrelid;
  out.kind = row->relkind;
  out.persistence = row->relpersistence;
  out.partition = row->relispartition;
  out.has_rules = row->relhasrules;
  out.row_security = row->relrowsecurity;
  ReleaseSysCache(tuple);
  return out;
}

static Form_pg_attribute copy_row(HeapTuple tuple) {
  auto* copy = static_cast<Form_pg_attribute>(palloc0(sizeof(FormData_pg_attribute)));
  memcpy(copy, GETSTRUCT(tuple), ATTRIBUTE_FIXED_PART_SIZE);
  return copy;
}

static Form_pg_attribute column(Oid relation, const char* name) {
  HeapTuple tuple = SearchSysCacheAttName(relation, name);
  if (!HeapTupleIsValid(tuple)) return nullptr;
  Form_pg_attribute out = copy_row(tuple);
  ReleaseSysCache(tuple);
  return out;
}

static List* columns(Oid relation) {
  List* out = NIL;
  HeapTuple owner = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(owner)) return NIL;
  const int16 count = reinterpret_cast<Form_pg_class>(GETSTRUCT(owner))->relnatts;
  ReleaseSysCache(owner);
  for (int16 attnum = 1; attnum <= count; attnum++) {
    HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
    if (!HeapTupleIsValid(tuple)) continue;
    if (!reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple))->attisdropped)
      out = lappend(out, copy_row(tuple));
    ReleaseSysCache(tuple);
  }
  return out;
}

struct IndexRow {
  Oid index, table;
  bool unique, primary, computed;
  int count;
  AttrNumber* columns;
};

static IndexRow* index_row(HeapTuple tuple) {
  auto* out = static_cast<IndexRow*>(palloc0(sizeof(IndexRow)));
  auto* row = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
  out->index = row->indexrelid;
  out->table = row->indrelid;
  out->unique = row->indisunique;
  out->primary = row->indisprimary;
  out->computed = !heap_attisnull(tuple, Anum_pg_index_indexprs, nullptr) ||
                  !heap_attisnull(tuple, Anum_pg_index_indpred, nullptr);
  out->count = row->indnatts;
  out->columns = static_cast<AttrNumber*>(palloc(sizeof(AttrNumber) * Max(out->count, 1)));
  for (int i = 0; i < out->count; i++)
    out->columns[i] = row->indkey.values[i];
  return out;
}

static List* index_rows(Oid table) {
  List* out = NIL;
  Relation rel = table_open(IndexRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_index_indrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(table));
  SysScanDesc scan = systable_beginscan(rel, IndexIndrelidIndexId, true, nullptr, 1, &key);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan))
    out = lappend(out, index_row(tuple));
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return out;
}

static IndexRow* one_index(Oid index) {
  HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
  if (!HeapTupleIsValid(tuple)) return nullptr;
  IndexRow* out = index_row(tuple);
  ReleaseSysCache(tuple);
  return out;
}

struct ConstraintRow {
  FormData_pg_constraint fixed;
  int count, referenced_count;
  AttrNumber* columns;
  AttrNumber* referenced_columns;
};

static void read_numbers(HeapTuple tuple, TupleDesc desc, AttrNumber column, int* count,
                         AttrNumber** numbers) {
  bool isnull;
  Datum value = heap_getattr(tuple, column, desc, &isnull);
  if (isnull) return;
  ArrayType* array = DatumGetArrayTypeP(value);
  *count = ARR_NDIM(array) == 1 ? ARR_DIMS(array)[0] : 0;
  *numbers = static_cast<AttrNumber*>(palloc(sizeof(AttrNumber) * Max(*count, 1)));
  memcpy(*numbers, ARR_DATA_PTR(array), sizeof(AttrNumber) * static_cast<size_t>(*count));
}

static ConstraintRow* constraint_row(HeapTuple tuple, TupleDesc desc) {
  auto* out = static_cast<ConstraintRow*>(palloc0(sizeof(ConstraintRow)));
  memcpy(&out->fixed, GETSTRUCT(tuple), sizeof(FormData_pg_constraint));
  read_numbers(tuple, desc, Anum_pg_constraint_conkey, &out->count, &out->columns);
  read_numbers(tuple, desc, Anum_pg_constraint_confkey, &out->referenced_count,
               &out->referenced_columns);
  return out;
}

static List* constraint_rows(Oid index, AttrNumber column, Oid value) {
  List* out = NIL;
  Relation rel = table_open(ConstraintRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(value));
  SysScanDesc scan = systable_beginscan(rel, index, true, nullptr, 1, &key);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan))
    out = lappend(out, constraint_row(tuple, RelationGetDescr(rel)));
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return out;
}

}  // namespace raw

namespace {

std::vector<AttrNumber> own(const AttrNumber* numbers, int count) {
  return std::vector<AttrNumber>(numbers, numbers + count);
}

ColumnFacts own(Form_pg_attribute row) {
  ColumnFacts out;
  out.attnum = row->attnum;
  out.name = NameStr(row->attname);
  out.type = row->atttypid;
  out.typmod = row->atttypmod;
  out.collation = row->attcollation;
  out.not_null = row->attnotnull;
  out.has_default = row->atthasdef;
  out.identity = row->attidentity;
  out.generated = row->attgenerated;
  return out;
}

IndexFacts own(const raw::IndexRow* row) {
  return {row->index,   row->table,    row->unique,
          row->primary, row->computed, own(row->columns, row->count)};
}

ConstraintFacts own(const raw::ConstraintRow* row) {
  ConstraintFacts out;
  out.oid = row->fixed.oid;
  out.name = NameStr(row->fixed.conname);
  out.type = row->fixed.contype;
  out.validated = row->fixed.convalidated;
  out.table = row->fixed.conrelid;
  out.index = row->fixed.conindid;
  out.referenced = row->fixed.confrelid;
  out.parent = row->fixed.conparentid;
  out.on_delete = row->fixed.confdeltype;
  out.columns = own(row->columns, row->count);
  out.referenced_columns = own(row->referenced_columns, row->referenced_count);
  return out;
}

template <class Row, class Facts>
std::vector<Facts> own_all(List* rows) {
  std::vector<Facts> out;
  ListCell* cell;
  foreach (cell, rows)
    out.push_back(own(static_cast<Row*>(lfirst(cell))));
  return out;
}

}  // namespace

TableFacts table_facts(Oid relation) {
  return call([&] { return raw::table_facts(relation); });
}

ColumnFacts column_facts(Oid relation, const std::string& name) {
  const Form_pg_attribute row = call([&] { return raw::column(relation, name.c_str()); });
  return row != nullptr && row->attnum > 0 ? own(row) : ColumnFacts{};
}

std::vector<ColumnFacts> columns_of(Oid relation) {
  return own_all<FormData_pg_attribute, ColumnFacts>(call([&] { return raw::columns(relation); }));
}

std::vector<IndexFacts> indexes_of(Oid table) {
  return own_all<raw::IndexRow, IndexFacts>(call([&] { return raw::index_rows(table); }));
}

IndexFacts index_facts(Oid index) {
  const raw::IndexRow* row = call([&] { return raw::one_index(index); });
  return row != nullptr ? own(row) : IndexFacts{};
}

std::vector<ConstraintFacts> constraints_of(Oid table) {
  return own_all<raw::ConstraintRow, ConstraintFacts>(call([&] {
    return raw::constraint_rows(ConstraintRelidTypidNameIndexId, Anum_pg_constraint_conrelid,
                                table);
  }));
}

ConstraintFacts constraint_facts(Oid constraint) {
  const auto found = own_all<raw::ConstraintRow, ConstraintFacts>(call([&] {
    return raw::constraint_rows(ConstraintOidIndexId, Anum_pg_constraint_oid, constraint);
  }));
  return found.empty() ? ConstraintFacts{} : found.front();
}

std::vector<ConstraintFacts> keys_to(Oid table) {
  std::set<Oid> seen;
  std::vector<ConstraintFacts> out;
  for (const Dependency& dependent : dependents_of({RelationRelationId, table, 0})) {
    if (dependent.object.classid != ConstraintRelationId) continue;
    if (!seen.insert(dependent.object.objid).second) continue;
    ConstraintFacts key = constraint_facts(dependent.object.objid);
    if (key.type == CONSTRAINT_FOREIGN && key.referenced == table) out.push_back(std::move(key));
  }
  return out;
}

}  // namespace strata::pg
