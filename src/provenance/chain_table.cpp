// Owns: writing strata.provenance_entry and strata.provenance_pending (see chain_table.hpp).
//
// The head is read with SnapshotSelf: what is committed now. A transaction snapshot under
// REPEATABLE READ would show an old head, and under SERIALIZABLE reading it would make every two
// transactions with DDL conflict. What others added is committed when we get the lock, because they
// held it to the end.
#include "provenance/chain_table.hpp"

#include "pg/clock.hpp"
#include "pg/names.hpp"
#include "pg/row_writer.hpp"
#include "pg/timeline.hpp"

extern "C" {
#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
}

namespace strata::provenance {
namespace {

// The same for the whole database; the second number of our locks on the table.
constexpr uint16 kChainLock = 1;

struct Head {
  int64_t seq;
  uint8_t hash[32];
};

Oid our_table(const char* name) {
  return pg::relation_oid(pg::schema_oid("strata"), name);
}

// lock_timeout is about relations of the user's: a commit must not fail because others commit.
class NoLockTimeout {
 public:
  NoLockTimeout() : before_(std::exchange(LockTimeout, 0)) {}
  ~NoLockTimeout() { LockTimeout = before_; }
  NoLockTimeout(const NoLockTimeout&) = delete;
  NoLockTimeout& operator=(const NoLockTimeout&) = delete;

 private:
  int before_;
};

// A lock of our own on the table, which conflicts with nobody else's: readers and VACUUM pass.
void lock_chain(Oid table) {
  const NoLockTimeout forever;
  pg::call([&] { LockDatabaseObject(RelationRelationId, table, kChainLock, ExclusiveLock); });
}

// Raise-kind.
Head raw_head(Relation rel, Oid index) {
  Head head{};
  if (!OidIsValid(index)) elog(ERROR, "strata.provenance_entry has no primary key");
  Relation keys = index_open(index, AccessShareLock);
  SysScanDesc scan = systable_beginscan_ordered(rel, keys, SnapshotSelf, 0, nullptr);
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
  index_close(keys, NoLock);
  return head;
}

struct Pending {
  NameData source;
  int64_t ref;
  char kind[64];
  uint8_t digest[32];
};

// Raise-kind. Returns what waits, and deletes it: under the lock nobody else does.
Pending* raw_take_pending(Oid table, int* count) {
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
    if (VARSIZE_ANY_EXHDR(digest) != sizeof(one->digest)) elog(ERROR, "no digest");
    memcpy(one->digest, VARDATA_ANY(digest), sizeof(one->digest));
    simple_heap_delete(rel, &tuple->t_self);
  }
  systable_endscan(scan);
  table_close(rel, NoLock);
  return out;
}

std::vector<Linked> take_pending() {
  std::vector<Linked> out;
  const Oid table = our_table("provenance_pending");
  if (!OidIsValid(table)) return out;
  int count = 0;
  const Pending* pending = pg::call([&] { return raw_take_pending(table, &count); });
  for (int i = 0; i < count; i++) {
    Linked row{pending[i].kind, NameStr(pending[i].source), pending[i].ref, {}, 0};
    memcpy(row.digest.data(), pending[i].digest, row.digest.size());
    out.push_back(std::move(row));
  }
  return out;
}

// Raise-kind; C++ objects are read only.
void raw_insert(Relation rel, CatalogIndexState indexes, const model::ChainEntry& entry) {
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

void add(Relation rel, CatalogIndexState indexes, Head& head, const std::vector<Linked>& rows) {
  const pg::LogPosition here = pg::log_position();
  pg::Sha256 hash;
  std::string bytes;
  model::ChainEntry entry;
  entry.seq = head.seq;
  entry.at = pg::now();
  entry.system_identifier = here.system_identifier;
  entry.timeline = here.timeline;
  memcpy(entry.hash.data(), head.hash, sizeof(head.hash));
  for (const Linked& row : rows) {
    entry.seq++;
    entry.kind = row.kind;
    entry.source = row.table;
    entry.ref = row.id;
    entry.digest = row.digest;
    entry.prev_hash = entry.hash;
    model::leaf_bytes(bytes, entry);
    entry.hash = hash(bytes);
    pg::call([&] { raw_insert(rel, indexes, entry); });
  }
}

}  // namespace

bool chain_exists() {
  return OidIsValid(our_table("provenance_entry"));
}

void extend_chain(const std::vector<Linked>& rows) {
  const Oid table = our_table("provenance_entry");
  const Oid index = our_table("provenance_entry_pkey");
  const Relation rel = pg::call([&] { return table_open(table, RowExclusiveLock); });
  const CatalogIndexState indexes = pg::call([&] { return CatalogOpenIndexes(rel); });
  lock_chain(table);
  std::vector<Linked> all = take_pending();
  all.insert(all.end(), rows.begin(), rows.end());
  if (!all.empty()) {
    Head head = pg::call([&] { return raw_head(rel, index); });
    add(rel, indexes, head, all);
  }
  pg::call([&] {
    CatalogCloseIndexes(indexes);
    table_close(rel, NoLock);
  });
}

void leave_pending(const std::vector<Linked>& rows) {
  for (const Linked& row : rows)
    pg::write_plain_row("provenance_pending", {{"source", pg::SqlArg::name(row.table)},
                                               {"ref", pg::SqlArg::int8(row.id)},
                                               {"kind", pg::SqlArg::text(row.kind)},
                                               {"digest", pg::bytes_arg(row.digest)}});
}

}  // namespace strata::provenance
