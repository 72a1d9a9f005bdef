// strata.provenance_entry, the chain itself: giving numbers and hashes, and the rows that wait for
// them.
#pragma once

#include "provenance/chain.hpp"

namespace strata::provenance {

// Returns false where the table is missing: the extension was dropped, or not updated.
bool chain_exists();

// Returns the table, InvalidOid where it is missing. Another one when the extension was made anew.
Oid chain_table();

// Takes the lock, held to the end of the transaction. Waits for it as long as it takes, like a
// commit for the disk; a statement_timeout cancels it.
void lock_chain();

// Under the lock: adds what waits of prepared transactions and the rows to the chain as it is now,
// whatever this transaction's snapshot shows.
void extend_chain(const std::vector<Linked>& rows);

// Has the rows wait in strata.provenance_pending.
void leave_pending(const std::vector<Linked>& rows);

}  // namespace strata::provenance
