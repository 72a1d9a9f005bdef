// Owns: reading the head of the chain and writing behind it (see entry_table.hpp).
#include "pg/entry_table.hpp"

extern "C" {
#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
}

namespace strata::pg {
namespace {

// The same for the whole database; the second number of our locks on the table.
constexpr uint16 kChainLock = 1;

class NoLockTimeout {
 public:
  NoLockTimeout() : before_(std::exchange(LockTimeout, 0)) {}
  ~NoLockTimeout() { LockTimeout = before_; }
  NoLockTimeout(const NoLockTimeout&) = delete;
  NoLockTimeout& operator=(const NoLockTimeout&) = delete;

 private:
  int before_;
};

}  // namespace

namespace raw {

struct Head {
  int64_t seq;
  uint8_t hash[32];
};

// The last entry with this number or a later one; number 0 where there is none.
static Head head_from(Relation rel, Relation keys, int64_t from) {
  Head head{};
  ScanKeyData key;
  ScanKeyInit(&key, entry_column::kSeq, BTGreaterEqualStrategyNumber, F_INT8GE,
              Int64GetDatum(from));
  SysScanDesc scan = systable_beginscan_ordered(rel, keys, SnapshotSelf, 1, &key);
  HeapTuple last = systable_getnext_ordered(scan, BackwardScanDirection);
  if (HeapTupleIsValid(last)) {
    bool null;
    TupleDesc desc = RelationGetDescr(rel);
    head.seq = DatumGetInt64(heap_getattr(last, entry_column::kSeq, desc, &null));
    const auto* hash = reinterpret_cast<const varlena*>(
        DatumGetPointer(heap_getattr(last, entry_column::kHash, desc, &null)));
    if (null || VARSIZE_ANY_EXHDR(hash) != sizeof(head.hash))
      ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
                      errmsg("the last entry of the provenance chain has no hash"),
                      errhint("Look at strata.verify_provenance().")));
    memcpy(head.hash, VARDATA_ANY(hash), sizeof(head.hash));
  }
  systable_endscan_ordered(scan);
  return head;
}

int64_t last_named(Oid table, Oid index, const char* source) {
  NameData name;
  namestrcpy(&name, source);
  ScanKeyData key;
  ScanKeyInit(&key, entry_column::kSource, BTEqualStrategyNumber, F_NAMEEQ, NameGetDatum(&name));
  Relation rel = table_open(table, AccessShareLock);
  Relation keys = index_open(index, AccessShareLock);
  SysScanDesc scan = systable_beginscan_ordered(rel, keys, SnapshotSelf, 1, &key);
  HeapTuple last = systable_getnext_ordered(scan, BackwardScanDirection);
  bool null;
  const int64_t out =
      HeapTupleIsValid(last)
          ? DatumGetInt64(heap_getattr(last, entry_column::kRef, RelationGetDescr(rel), &null))
          : 0;
  systable_endscan_ordered(scan);
  index_close(keys, NoLock);
  table_close(rel, NoLock);
  return out;
}

// A scan reads all of a page that may count, so it is told where to begin.
static Head head_of(Relation rel, Oid index) {
  static int64_t last_seen = 0;
  if (!OidIsValid(index)) elog(ERROR, "strata.provenance_entry has no primary key");
  Relation keys = index_open(index, AccessShareLock);
  Head head = head_from(rel, keys, last_seen);
  // Entries may be gone, and the extension been made anew.
  if (head.seq == 0 && last_seen > 0) head = head_from(rel, keys, 0);
  last_seen = head.seq;
  index_close(keys, NoLock);
  return head;
}

struct Pending {
  NameData source;
  int64_t ref;
  char kind[64];
  uint8_t digest[32];
};

static Pending* take_pending(Oid table, int* count) {
  Relation rel = table_open(table, RowExclusiveLock);
  TupleDesc desc = RelationGetDescr(rel);
  int room = 16;
  auto* out = static_cast<Pending*>(palloc(sizeof(Pending) * static_cast<size_t>(room)));
  *count = 0;
  SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, SnapshotSelf, 0, nullptr);
  while (HeapTuple tuple = systable_getnext(scan)) {
    if (*count == room) {
      room *= 2;
      out = static_cast<Pending*>(repalloc(out, sizeof(Pending) * static_cast<size_t>(room)));
    }
    Pending* one = &out[(*count)++];
    bool null;
    one->source = *DatumGetName(heap_getattr(tuple, 1, desc, &null));
    one->ref = DatumGetInt64(heap_getattr(tuple, 2, desc, &null));
    text_to_cstring_buffer(DatumGetTextPP(heap_getattr(tuple, 3, desc, &null)), one->kind,
                           sizeof(one->kind));
    const auto* digest = DatumGetByteaPP(heap_getattr(tuple, 4, desc, &null));
    if (VARSIZE_ANY_EXHDR(digest) != sizeof(one->digest))
      ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
                      errmsg("a row of strata.provenance_pending has no digest"),
                      errhint("Only pg_strata writes this table: see who has put it there.")));
    memcpy(one->digest, VARDATA_ANY(digest), sizeof(one->digest));
    simple_heap_delete(rel, &tuple->t_self);
  }
  systable_endscan(scan);
  table_close(rel, NoLock);
  return out;
}

// C++ objects are read only.
static void insert(Relation rel, CatalogIndexState indexes, const model::ChainEntry& entry) {
  const auto bytes = [](const model::Digest& digest) {
    auto* out = static_cast<bytea*>(palloc(VARHDRSZ + digest.size()));
    SET_VARSIZE(out, VARHDRSZ + digest.size());
    memcpy(VARDATA(out), digest.data(), digest.size());
    return PointerGetDatum(out);
  };
  NameData source{};
  strlcpy(source.data, entry.source.c_str(), NAMEDATALEN);
  Datum values[] = {Int64GetDatum(entry.seq),
                    PointerGetDatum(cstring_to_text_with_len(entry.kind.data(),
                                                             static_cast<int>(entry.kind.size()))),
                    NameGetDatum(&source),
                    Int64GetDatum(entry.ref),
                    TimestampTzGetDatum(entry.at),
                    Int64GetDatum(entry.system_identifier),
                    Int32GetDatum(entry.timeline),
                    bytes(entry.digest),
                    bytes(entry.prev_hash),
                    bytes(entry.hash)};
  bool nulls[std::size(values)] = {};
  HeapTuple tuple = heap_form_tuple(RelationGetDescr(rel), values, nulls);
  CatalogTupleInsertWithInfo(rel, tuple, indexes);
  heap_freetuple(tuple);
}

}  // namespace raw

// The lock is held for some 100 us, which is about what it takes to wake a sleeper it is handed to.
// Who queues makes all who come later queue, too, and then nobody gets it faster than that. So it
// is tried for a while before.
bool lock_soon(Oid table) {
  LOCKTAG tag;
  SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId, table, kChainLock);
  constexpr long longest_us = 200;
  constexpr int tries = 100;
  long nap_us = 10;
  for (int i = 0; i < tries; i++) {
    const bool got = call([&] {
      CHECK_FOR_INTERRUPTS();
      return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
    });
    if (got) return true;
    pg_usleep(nap_us);
    nap_us = std::min(longest_us, nap_us * 2);
  }
  return false;
}

void lock_entries(Oid table) {
  if (!lock_soon(table)) {
    const NoLockTimeout forever;
    call([&] { LockDatabaseObject(RelationRelationId, table, kChainLock, ExclusiveLock); });
  }
  call([] { AcceptInvalidationMessages(); });
}

EntryTable::EntryTable(Oid table, Oid primary_key)
    : relation_(call([&] { return table_open(table, RowExclusiveLock); })),
      indexes_(call([&] { return CatalogOpenIndexes(relation_); })),
      primary_key_(primary_key) {}

ChainHead EntryTable::head() const {
  const raw::Head last = call([&] { return raw::head_of(relation_, primary_key_); });
  ChainHead out;
  out.seq = last.seq;
  memcpy(out.hash.data(), last.hash, sizeof(last.hash));
  return out;
}

void EntryTable::append(const model::ChainEntry& entry) {
  call([&] { raw::insert(relation_, indexes_, entry); });
}

void EntryTable::close() {
  call([&] {
    CatalogCloseIndexes(indexes_);
    table_close(relation_, NoLock);
  });
}

std::vector<WaitingRow> take_waiting(Oid table) {
  int count = 0;
  const raw::Pending* pending = call([&] { return raw::take_pending(table, &count); });
  std::vector<WaitingRow> out;
  for (int i = 0; i < count; i++) {
    WaitingRow row{pending[i].kind, NameStr(pending[i].source), pending[i].ref, {}};
    memcpy(row.digest.data(), pending[i].digest, row.digest.size());
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace strata::pg
