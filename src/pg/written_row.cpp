// Owns: finding what this transaction wrote (see written_row.hpp).
#include "pg/written_row.hpp"

#include "pg/lock.hpp"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "storage/lock.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
}

namespace strata::pg {
namespace raw {

constexpr int kTables = 32;

struct Tables {
  Oid found[kTables];
  int count;
};

// The index on names has the name first.
static Tables tables_named(const char* name) {
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
    if (row->relkind == RELKIND_RELATION) out.found[out.count++] = row->oid;
  }
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  return out;
}

static const char* text_of(Form_pg_attribute column, Datum value) {
  Oid output;
  bool is_varlena;
  getTypeOutputInfo(column->atttypid, &output, &is_varlena);
  return OidOutputFunctionCall(output, value);
}

static int column_named(TupleDesc desc, const char* name) {
  for (int i = 0; i < desc->natts; i++) {
    Form_pg_attribute column = TupleDescAttr(desc, i);
    if (!column->attisdropped && strcmp(NameStr(column->attname), name) == 0 &&
        column->atttypid < FirstNormalObjectId)
      return i;
  }
  return -1;
}

static bool is_null_in(TupleDesc desc, HeapTuple tuple, const char* name) {
  const int at = column_named(desc, name);
  return at >= 0 && heap_attisnull(tuple, at + 1, desc);
}

// Fills in texts; returns false when there is no such row. `ends`: null, or two columns.
static bool last_row(Oid table, const char* const* names, int count, const char** texts,
                     const char* const* ends) {
  Relation rel = table_open(table, AccessShareLock);
  TupleDesc desc = RelationGetDescr(rel);
  for (int i = 0; i < count; i++)
    if (column_named(desc, names[i]) < 0) {
      table_close(rel, AccessShareLock);
      return false;
    }
  bool found = false;
  SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, SnapshotSelf, 0, nullptr);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    if (ends == nullptr) {
      if (!TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data))) continue;
    } else if (!is_null_in(desc, tuple, ends[0]) || !is_null_in(desc, tuple, ends[1])) {
      continue;
    }
    found = true;
    for (int i = 0; i < count; i++) {
      const int at = column_named(desc, names[i]);
      bool is_null;
      const Datum value = heap_getattr(tuple, at + 1, desc, &is_null);
      texts[i] = is_null ? nullptr : text_of(TupleDescAttr(desc, at), value);
    }
  }
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return found;
}

}  // namespace raw

using Row = std::vector<std::optional<std::string>>;

static std::optional<Row> last_row(Oid table, const std::vector<std::string>& columns,
                                   const char* const* ends) {
  std::vector<const char*> names;
  for (const std::string& column : columns)
    names.push_back(column.c_str());
  std::vector<const char*> texts(columns.size(), nullptr);
  if (!call([&] {
        return raw::last_row(table, names.data(), static_cast<int>(names.size()), texts.data(),
                             ends);
      }))
    return std::nullopt;
  Row out;
  for (const char* text : texts)
    out.push_back(text == nullptr ? std::nullopt : std::optional<std::string>(text));
  return out;
}

std::vector<Oid> tables_named(const char* name) {
  const raw::Tables tables = call([&] { return raw::tables_named(name); });
  return {tables.found, tables.found + tables.count};
}

bool may_have_written(Oid table) {
  return holds_lock(table, RowExclusiveLock);
}

std::optional<Row> written_row(Oid table, const std::vector<std::string>& columns) {
  return last_row(table, columns, nullptr);
}

std::optional<Row> unfinished_row(Oid table, const std::vector<std::string>& columns,
                                  const char* end, const char* other_end) {
  const char* const ends[] = {end, other_end};
  return last_row(table, columns, ends);
}

bool has_column(Oid table, const char* column) {
  return call([&] { return get_attnum(table, column) != InvalidAttrNumber; });
}

bool holds_advisory_lock(int64_t key) {
  LOCKTAG tag;
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<uint32>(key >> 32), static_cast<uint32>(key),
                       1);
  return call([&] { return strata_compat_lock_held(&tag, ExclusiveLock); });
}

}  // namespace strata::pg
