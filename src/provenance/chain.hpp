// The hash chain: one order for all that is recorded, of whatever kind.
//
// Truth is in the tables of the kinds (strata.change, strata.attempt, ...); an entry of the chain
// names a row by its table and number, with the digest of the row, and the hash of the entry
// before. Numbers and hashes are given just before the transaction commits, under one lock that is
// the last it takes and is held to its end: concurrent DDL does not wait for each other's whole
// length, and what rolls back leaves no gap.
//
// Scope: transaction.
#pragma once

#include "model/canonical.hpp"
#include "pg/guard.hpp"

namespace strata::provenance {

// A row of this transaction that will be in the chain, unless its subtransaction rolls back.
struct Linked {
  std::string kind;
  std::string table;  // in schema strata; its first column is the number
  int64_t id = 0;
  model::Digest digest{};
  SubTransactionId subtransaction = InvalidSubTransactionId;
  Oid chain = InvalidOid;  // the table whose chain it is for
};

// Has the row linked into the chain when this transaction commits. Whoever writes a row of a kind
// of its own calls this: nothing else has to know the kind.
void link(const std::string& kind, const std::string& table, int64_t id,
          const model::Digest& digest);

// The rows so far, without those that were rolled back.
const std::vector<Linked>& linked();

// Calls the function before a transaction commits or is prepared that has linked rows, under the
// chain's lock when it commits, before they are put into the chain: what is known at the end only
// is appended there. Functions are called in the order in which the recorder set them in _PG_init,
// in every such transaction, also one that linked no change.
void at_commit(void (*function)());

// Has rows of prepared transactions that were committed linked when this transaction commits.
void link_pending();

// Installs the callbacks. To be called in _PG_init before all others of ours: the callback that was
// registered first is called last.
void watch_chain();

}  // namespace strata::provenance
