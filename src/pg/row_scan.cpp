// Owns: scans of tables of ours (see row_scan.hpp).
#include "pg/row_scan.hpp"

#include "pg/names.hpp"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relscan.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"
}

namespace strata::pg {

Moment::Moment()
    : snapshot_(call([] { return RegisterSnapshot(GetLatestSnapshot()); })),
      exceptions_(std::uncaught_exceptions()) {}

Moment::~Moment() {
  if (std::uncaught_exceptions() == exceptions_) UnregisterSnapshot(snapshot_);
}

void RowScan::open(const std::string& table) {
  const Oid relation = relation_oid(schema_oid("strata"), table);
  if (!OidIsValid(relation)) return;
  rel_ = call([&] { return table_open(relation, AccessShareLock); });
  values_.resize(static_cast<size_t>(desc()->natts));
  nulls_ = std::make_unique<bool[]>(static_cast<size_t>(desc()->natts));
}

RowScan::RowScan(const std::string& table, const Moment& moment)
    : exceptions_(std::uncaught_exceptions()) {
  open(table);
  if (rel_ == nullptr) return;
  scan_ = call(
      [&] { return systable_beginscan(rel_, InvalidOid, false, moment.snapshot(), 0, nullptr); });
}

RowScan::RowScan(const std::string& table, const Moment& moment, int64_t from)
    : exceptions_(std::uncaught_exceptions()) {
  open(table);
  if (rel_ == nullptr) return;
  const Oid index = relation_oid(schema_oid("strata"), table + "_pkey");
  if (!OidIsValid(index))
    throw Error(ERRCODE_UNDEFINED_OBJECT, fmt::format("strata.{} has no primary key", table));
  call([&] {
    index_ = index_open(index, AccessShareLock);
    ScanKeyData key;
    ScanKeyInit(&key, 1, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(from));
    scan_ = systable_beginscan_ordered(rel_, index_, moment.snapshot(), 1, &key);
  });
}

RowScan::~RowScan() {
  if (rel_ == nullptr || std::uncaught_exceptions() != exceptions_) return;
  if (index_ != nullptr) {
    systable_endscan_ordered(scan_);
    index_close(index_, NoLock);
  } else {
    systable_endscan(scan_);
  }
  table_close(rel_, NoLock);
}

TupleDesc RowScan::desc() const {
  return RelationGetDescr(rel_);
}

bool RowScan::next() {
  if (rel_ == nullptr) return false;
  return call([&] {
    CHECK_FOR_INTERRUPTS();
    HeapTuple tuple = index_ != nullptr ? systable_getnext_ordered(scan_, ForwardScanDirection)
                                        : systable_getnext(scan_);
    if (!HeapTupleIsValid(tuple)) return false;
    heap_deform_tuple(tuple, RelationGetDescr(rel_), values_.data(), nulls_.get());
    return true;
  });
}

std::string RowScan::text(int column) const {
  if (nulls_[at(column)]) return {};
  const auto* stored = reinterpret_cast<varlena*>(DatumGetPointer(values_[at(column)]));
  if (!VARATT_IS_EXTENDED(stored) || VARATT_IS_SHORT(stored))
    return {VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)};
  const auto* packed = call([&] { return pg_detoast_datum_packed(const_cast<varlena*>(stored)); });
  std::string out(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed));
  if (packed != stored) pfree(const_cast<varlena*>(packed));
  return out;
}

std::string RowScan::name(int column) const {
  return nulls_[at(column)] ? std::string() : NameStr(*DatumGetName(values_[at(column)]));
}

bool RowScan::digest(int column, model::Digest* out) const {
  if (nulls_[at(column)]) return false;
  const auto* stored = reinterpret_cast<const varlena*>(DatumGetPointer(values_[at(column)]));
  // A digest is never long enough to be compressed or stored elsewhere.
  if (VARATT_IS_EXTENDED(stored) && !VARATT_IS_SHORT(stored)) return false;
  if (VARSIZE_ANY_EXHDR(stored) != out->size()) return false;
  memcpy(out->data(), VARDATA_ANY(stored), out->size());
  return true;
}

}  // namespace strata::pg
