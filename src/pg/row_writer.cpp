// Owns: inserting rows without SQL (see row_writer.hpp).
#include "pg/row_writer.hpp"

#include "pg/names.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
}

namespace strata::pg {
namespace {

Oid table_of_ours(const std::string& table) {
  const Oid relation = relation_oid(schema_oid("strata"), table);
  if (!OidIsValid(relation))
    throw Error(ERRCODE_UNDEFINED_TABLE, fmt::format("there is no table strata.{}", table), {},
                "Update the extension: ALTER EXTENSION pg_strata UPDATE.");
  return relation;
}

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

static int64_t next_of(Oid relation) {
  return nextval_internal(getIdentitySequence(relation, 1, false), false);
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
  call([&] {
    raw::fill(desc, named.data(), named.size(), values.data(), nulls.get());
    if (nulls[0]) {
      values[0] = Int64GetDatum(raw::next_of(relid));
      nulls[0] = false;
    }
  });
  RowForm form(desc);
  std::string bytes;
  form.bytes(bytes, values.data(), nulls.get());
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
  return call([&] { return raw::next_of(relid); });
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
