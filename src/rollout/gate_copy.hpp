// A copy of the gates among the settings of the database, for sessions that connect.
//
// A session that has to choose before its first statement would open tables with cold caches, which
// costs it ten times the rest of the choice. Settings of the database arrive anyway; so every
// transaction that changes a gate or a version sets pg_strata.gates before it commits. Sessions
// that have connected read the tables.
//
// Scope: the copy is in the catalogs and as transactional as the tables; written at commit, read
// once by each session.
#pragma once

#include "rollout/gates.hpp"

namespace strata::rollout {

// The tables that it is a copy of: their invalidation tells of changes.
struct CopiedFrom {
  Oid gates = InvalidOid;
  Oid versions = InvalidOid;
};

// Returns the gates as text.
std::string write_copy(const std::vector<KnownGate>& gates, const CopiedFrom& from);

// Reads them, schemas not looked up. Returns false when the text is of another database, as after a
// restore, or cannot be read: then the tables have to be.
bool read_copy(const char* text, std::vector<KnownGate>& gates, CopiedFrom& from);

// Returns false when sessions that connect cannot use the copy, as after pg_upgrade, which brings
// it along: they read the tables, which takes them longer. What this transaction has changed is
// taken for written.
bool copy_is_good();

// Has the copy written before this transaction commits, where it is not good.
void renew_copy() noexcept;

// To be told of every object that is dropped: the copy goes with the extension.
void note_dropped(Oid classid);

// Installs the callback that keeps the copy. Called once from _PG_init.
void watch_gate_copy();

}  // namespace strata::rollout
