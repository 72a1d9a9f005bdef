// Owns: inserting rows without SQL (see row_writer.hpp).
#include "pg/row_writer.hpp"

#include "pg/entry_table.hpp"
#include "pg/own_tables.hpp"
#include "pg/row_forms.hpp"
#include "pg/session.hpp"

extern "C" {
#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "storage/lmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
}

namespace strata::pg {
namespace {

Oid table_of_ours(const std::string& table) {
  const Oid relation = own_table(table);
  if (!OidIsValid(relation))
    throw Error(ERRCODE_UNDEFINED_TABLE, fmt::format("there is no table strata.{}", table), {},
                "Update the extension: ALTER EXTENSION pg_strata UPDATE.");
  return relation;
}

// Tables whose sequences this session has seen to be ahead of the rows. Never freed: a static
// object would have a destructor that runs at exit.
auto* const ahead = new std::unordered_set<Oid>();

// The same for the whole database; the second number of our locks on the table.
constexpr uint16 kNumbersLock = 2;

}  // namespace

namespace raw {

// Returns the column's place, from 0; they are mostly named in order, so the search begins at the
// guess.
static int column_named(TupleDesc desc, const char* name, int guess) {
  for (int i = 0; i < desc->natts; i++) {
    const int at = (guess + i) % desc->natts;
    Form_pg_attribute attribute = TupleDescAttr(desc, at);
    if (!attribute->attisdropped && strcmp(NameStr(attribute->attname), name) == 0) return at;
  }
  elog(ERROR, "no column \"%s\"", name);
}

static Datum as_type(Form_pg_attribute attribute, const SqlArg& value) {
  if (value.type != TEXTOID || attribute->atttypid == TEXTOID || attribute->atttypid == JSONOID)
    return value.value;
  Oid input, parameter;
  getTypeInputInfo(attribute->atttypid, &input, &parameter);
  return OidInputFunctionCall(input, TextDatumGetCString(value.value), parameter,
                              attribute->atttypmod);
}

// Returns the last number in the table; 0 when it is empty.
static int64_t last_number(Relation rel, Oid key) {
  int64_t last = 0;
  Relation keys = index_open(key, AccessShareLock);
  SysScanDesc scan = systable_beginscan_ordered(rel, keys, SnapshotSelf, 0, nullptr);
  HeapTuple tuple = systable_getnext_ordered(scan, BackwardScanDirection);
  bool null;
  if (HeapTupleIsValid(tuple))
    last = DatumGetInt64(heap_getattr(tuple, 1, RelationGetDescr(rel), &null));
  systable_endscan_ordered(scan);
  index_close(keys, NoLock);
  return last;
}

static int64_t next_of(Oid sequence) {
  return nextval_internal(sequence, false);
}

// Sets the sequence behind the last number, which a restore loads without it, and behind what the
// chain names, which it may load before the rows.
static int64_t first_next_of(Oid relation, Oid key, Oid sequence, Oid entries, Oid by_source) {
  LockDatabaseObject(RelationRelationId, relation, kNumbersLock, ExclusiveLock);
  Relation rel = table_open(relation, AccessShareLock);
  int64_t last = OidIsValid(key) ? last_number(rel, key) : 0;
  if (OidIsValid(by_source))
    last = std::max(last, last_named(entries, by_source, RelationGetRelationName(rel)));
  table_close(rel, NoLock);
  int64_t next = next_of(sequence);
  if (next <= last) {
    DirectFunctionCall2(setval_oid, ObjectIdGetDatum(sequence), Int64GetDatum(last));
    next = next_of(sequence);
  }
  UnlockDatabaseObject(RelationRelationId, relation, kNumbersLock, ExclusiveLock);
  return next;
}

static void fill(TupleDesc desc, const NamedValue* named, size_t count, Datum* values,
                 bool* nulls) {
  memset(nulls, true, static_cast<size_t>(desc->natts));
  int at = -1;
  for (size_t i = 0; i < count; i++) {
    at = column_named(desc, named[i].column, at + 1);
    nulls[at] = named[i].value.null;
    if (!nulls[at]) values[at] = as_type(TupleDescAttr(desc, at), named[i].value);
  }
}

static void insert(Relation rel, const Datum* values, const bool* nulls) {
  HeapTuple tuple =
      heap_form_tuple(RelationGetDescr(rel), const_cast<Datum*>(values), const_cast<bool*>(nulls));
  CatalogTupleInsert(rel, tuple);
  heap_freetuple(tuple);
}

}  // namespace raw

WrittenRow write_row(const std::string& table, const std::vector<NamedValue>& named) {
  const Oid relid = table_of_ours(table);
  const Relation rel = call([&] { return table_open(relid, RowExclusiveLock); });
  TupleDesc desc = RelationGetDescr(rel);
  std::vector<Datum> values(static_cast<size_t>(desc->natts));
  const auto nulls = std::make_unique<bool[]>(static_cast<size_t>(desc->natts));
  call([&] { raw::fill(desc, named.data(), named.size(), values.data(), nulls.get()); });
  if (nulls[0]) {
    values[0] = Int64GetDatum(next_number(table));
    nulls[0] = false;
  }
  std::string bytes;
  row_form(rel).bytes(bytes, values.data(), nulls.get());
  Sha256 hash;
  const WrittenRow out{DatumGetInt64(values[0]), hash(bytes)};
  call([&] {
    raw::insert(rel, values.data(), nulls.get());
    table_close(rel, NoLock);
  });
  return out;
}

void write_plain_row(const std::string& table, const std::vector<NamedValue>& named) {
  const Oid relid = table_of_ours(table);
  call([&] {
    Relation rel = table_open(relid, RowExclusiveLock);
    TupleDesc desc = RelationGetDescr(rel);
    auto* values = static_cast<Datum*>(palloc0(sizeof(Datum) * static_cast<size_t>(desc->natts)));
    auto* nulls = static_cast<bool*>(palloc0(static_cast<size_t>(desc->natts)));
    raw::fill(desc, named.data(), named.size(), values, nulls);
    raw::insert(rel, values, nulls);
    table_close(rel, NoLock);
  });
}

int64_t next_number(const std::string& table) {
  const Oid relid = table_of_ours(table);
  const std::string column = call([&] { return get_attname(relid, 1, false); });
  const Oid sequence = own_table(fmt::format("{}_{}_seq", table, column));
  if (ahead->contains(relid)) return call([&] { return raw::next_of(sequence); });
  const Oid key = own_table(table + "_pkey");
  const Oid entries = own_table("provenance_entry");
  const Oid by_source = own_table("provenance_entry_source");
  const ActAs owner(extension_owner());
  const int64_t next =
      call([&] { return raw::first_next_of(relid, key, sequence, entries, by_source); });
  ahead->insert(relid);
  return next;
}

SqlArg bytes_arg(std::string_view bytes) {
  return {BYTEAOID, call([&] {
            auto* out = static_cast<bytea*>(palloc(VARHDRSZ + bytes.size()));
            SET_VARSIZE(out, VARHDRSZ + bytes.size());
            memcpy(VARDATA(out), bytes.data(), bytes.size());
            return PointerGetDatum(out);
          }),
          false};
}

SqlArg bytes_arg(const model::Digest& digest) {
  return bytes_arg(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

SqlArg time_arg(int64_t at) {
  return {TIMESTAMPTZOID, TimestampTzGetDatum(at), false};
}

SqlArg interval_arg(const std::optional<int64_t>& microseconds) {
  if (!microseconds) return {INTERVALOID, Datum{0}, true};
  return {INTERVALOID, call([&] {
            auto* out = static_cast<Interval*>(palloc0(sizeof(Interval)));
            out->time = *microseconds;
            return IntervalPGetDatum(out);
          }),
          false};
}

EnsuredSnapshot::EnsuredSnapshot()
    : pushed_(!ActiveSnapshotSet()), exceptions_(std::uncaught_exceptions()) {
  if (pushed_) call([] { PushActiveSnapshot(GetTransactionSnapshot()); });
}

EnsuredSnapshot::~EnsuredSnapshot() {
  if (pushed_ && std::uncaught_exceptions() == exceptions_) PopActiveSnapshot();
}

}  // namespace strata::pg
