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
namespace {

// The last transactions of this session that wrote something and committed, in a ring; and the one
// that was looked for last and found, which may be older.
constexpr size_t kRemembered = 64;
TransactionId own_transactions[kRemembered];
size_t own_count = 0;
TransactionId last_marking = InvalidTransactionId;

void remember(XactEvent event, void*) {
  if (event != XACT_EVENT_COMMIT) return;
  const TransactionId self = GetTopTransactionIdIfAny();
  if (TransactionIdIsValid(self)) own_transactions[own_count++ % kRemembered] = self;
}

bool is_own(TransactionId transaction) {
  if (transaction == last_marking) return true;
  const size_t known = std::min(own_count, kRemembered);
  if (std::find(own_transactions, own_transactions + known, transaction) ==
      own_transactions + known)
    return false;
  last_marking = transaction;
  return true;
}

}  // namespace

namespace raw {

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

static bool is_true_in(TupleDesc desc, HeapTuple tuple, const char* name) {
  const int at = column_named(desc, name);
  if (at < 0 || TupleDescAttr(desc, at)->atttypid != BOOLOID) return false;
  bool is_null;
  const Datum value = heap_getattr(tuple, at + 1, desc, &is_null);
  return !is_null && DatumGetBool(value);
}

// Which rows count: those of this transaction, those that have no end, those with a mark of ours.
struct Wanted {
  const char* ends[2];
  const char* mark;
};

static bool is_wanted(TupleDesc desc, HeapTuple tuple, const Wanted& wanted) {
  const TransactionId writer = HeapTupleHeaderGetXmin(tuple->t_data);
  if (wanted.mark != nullptr) return is_true_in(desc, tuple, wanted.mark) && is_own(writer);
  if (wanted.ends[0] == nullptr) return TransactionIdIsCurrentTransactionId(writer);
  return is_null_in(desc, tuple, wanted.ends[0]) && is_null_in(desc, tuple, wanted.ends[1]);
}

// Fills in texts; returns false when there is no such row.
static bool last_row(Oid table, const char* const* names, int count, const char** texts,
                     const Wanted& wanted) {
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
    if (!is_wanted(desc, tuple, wanted)) continue;
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
                                   const raw::Wanted& wanted) {
  std::vector<const char*> names;
  for (const std::string& column : columns)
    names.push_back(column.c_str());
  std::vector<const char*> texts(columns.size(), nullptr);
  if (!call([&] {
        return raw::last_row(table, names.data(), static_cast<int>(names.size()), texts.data(),
                             wanted);
      }))
    return std::nullopt;
  Row out;
  for (const char* text : texts)
    out.push_back(text == nullptr ? std::nullopt : std::optional<std::string>(text));
  return out;
}

bool may_have_written(Oid table) {
  return holds_lock(table, RowExclusiveLock);
}

std::optional<Row> written_row(Oid table, const std::vector<std::string>& columns) {
  return last_row(table, columns, raw::Wanted{});
}

std::optional<Row> unfinished_row(Oid table, const std::vector<std::string>& columns,
                                  const char* end, const char* other_end) {
  return last_row(table, columns, raw::Wanted{{end, other_end}, nullptr});
}

std::optional<Row> own_marked_row(Oid table, const std::vector<std::string>& columns,
                                  const char* mark) {
  return last_row(table, columns, raw::Wanted{{nullptr, nullptr}, mark});
}

void watch_own_transactions() {
  call([] { RegisterXactCallback(remember, nullptr); });
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
