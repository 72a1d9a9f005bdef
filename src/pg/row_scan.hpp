// Reading a table row by row, in the order of its pages or of an index, as of now: also what was
// committed after the transaction's own snapshot was taken.
//
// Scope: the transaction; nothing is kept of a row when the next one is read.
#pragma once

#include "pg/row_digest.hpp"

extern "C" {
#include "utils/snapshot.h"
}

namespace strata::pg {

// One moment for several scans.
class Moment {
 public:
  Moment();
  ~Moment();
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;
  Snapshot snapshot() const { return snapshot_; }

 private:
  Snapshot snapshot_;
  int exceptions_;
};

class RowScan {
 public:
  // All rows of strata.`table`, in the order of its pages. There is no row where the table is
  // missing.
  RowScan(const std::string& table, const Moment& moment);

  // Those whose first column is at least `from`, in the order of the primary key. Where somebody
  // dropped that, raises 42704.
  RowScan(const std::string& table, const Moment& moment, int64_t from);
  ~RowScan();
  RowScan(const RowScan&) = delete;
  RowScan& operator=(const RowScan&) = delete;

  // Steps to the next row; false: there is none.
  bool next();

  const Datum* values() const { return values_.data(); }
  const bool* nulls() const { return nulls_.get(); }
  int64_t int8(int column) const { return DatumGetInt64(values_[at(column)]); }
  int32_t int4(int column) const { return DatumGetInt32(values_[at(column)]); }
  // Columns count from 1.
  std::string text(int column) const;
  std::string name(int column) const;
  // False when the bytes are no digest.
  bool digest(int column, model::Digest* out) const;

  bool exists() const { return rel_ != nullptr; }
  TupleDesc desc() const;

 private:
  static size_t at(int column) { return static_cast<size_t>(column - 1); }
  void open(const std::string& table);

  Relation rel_ = nullptr;
  Relation index_ = nullptr;
  struct SysScanDescData* scan_ = nullptr;
  std::vector<Datum> values_;
  std::unique_ptr<bool[]> nulls_;
  int exceptions_;
};

}  // namespace strata::pg
