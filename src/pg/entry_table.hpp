// strata.provenance_entry opened to append to it, and strata.provenance_pending.
//
// The head is read with SnapshotSelf: what is committed now. A transaction snapshot under
// REPEATABLE READ would show an old head, and under SERIALIZABLE reading it would make every two
// transactions with DDL conflict. What others added is committed when we get the lock, because they
// held it to the end.
#pragma once

#include "model/canonical.hpp"
#include "pg/guard.hpp"

extern "C" {
#include "catalog/indexing.h"
#include "utils/rel.h"
}

namespace strata::pg {

struct ChainHead {
  int64_t seq = 0;
  model::Digest hash{};
};

// Waits for all that append to the table, as long as it takes: lock_timeout is about relations of
// the user's, and a commit must not fail because others commit. Conflicts with nobody else: readers
// and VACUUM pass. Held to the end of the transaction.
void lock_entries(Oid table);

class EntryTable {
 public:
  EntryTable(Oid table, Oid primary_key);

  // Returns the last entry; zeros when there is none. Raises XX001 when it has no hash.
  ChainHead head() const;

  void append(const model::ChainEntry& entry);

  // To be called when all is done; an error closes it, too.
  void close();

 private:
  Relation relation_;
  CatalogIndexState indexes_;
  Oid primary_key_;
};

namespace raw {

// Raise-kind. Returns the highest number of a row of strata.`source` that the entries name, whether
// the row is there or not; 0 when they name none. `index`: provenance_entry_source.
int64_t last_named(Oid table, Oid index, const char* source);

}  // namespace raw

// A row of strata.provenance_pending.
struct WaitingRow {
  std::string kind;
  std::string source;
  int64_t ref;
  model::Digest digest;
};

// Returns what waits, and deletes it: under the lock nobody else does.
std::vector<WaitingRow> take_waiting(Oid table);

// Columns of strata.provenance_entry.
namespace entry_column {
constexpr int kSeq = 1, kKind = 2, kSource = 3, kRef = 4, kAt = 5, kSystem = 6, kTimeline = 7,
              kDigest = 8, kPrevHash = 9, kHash = 10;
}

}  // namespace strata::pg
