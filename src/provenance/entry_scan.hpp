// The chain, entry by entry.
#pragma once

#include "model/canonical.hpp"
#include "pg/entry_table.hpp"
#include "pg/row_scan.hpp"

namespace strata::provenance {

class EntryScan {
 public:
  EntryScan(const pg::Moment& moment, int64_t from_seq)
      : scan_("provenance_entry", moment, from_seq) {}

  // Steps to the next entry; false: there is none.
  bool next() {
    if (!scan_.next()) return false;
    entry_.seq = scan_.int8(pg::entry_column::kSeq);
    entry_.kind = scan_.text(pg::entry_column::kKind);
    entry_.source = scan_.name(pg::entry_column::kSource);
    entry_.ref = scan_.int8(pg::entry_column::kRef);
    entry_.at = scan_.int8(pg::entry_column::kAt);
    entry_.system_identifier = scan_.int8(pg::entry_column::kSystem);
    entry_.timeline = scan_.int4(pg::entry_column::kTimeline);
    whole_ = true;
    read_digest(pg::entry_column::kDigest, &entry_.digest);
    read_digest(pg::entry_column::kPrevHash, &entry_.prev_hash);
    read_digest(pg::entry_column::kHash, &entry_.hash);
    return true;
  }

  const model::ChainEntry& entry() const { return entry_; }

  // False when one of its hashes is none.
  bool whole() const { return whole_; }

 private:
  void read_digest(int column, model::Digest* digest) {
    if (!scan_.digest(column, digest)) whole_ = false;
  }

  pg::RowScan scan_;
  model::ChainEntry entry_;
  bool whole_ = false;
};

}  // namespace strata::provenance
