// The migration that a transaction is: what all its changes have in common.
//
// Scope: transaction. Its row is written when the transaction commits, as its last.
#pragma once

#include "model/hazard.hpp"
#include "provenance/entries.hpp"

namespace strata::provenance {

// Returns the number of this transaction's migration, which has a change in the schema; `base` may
// be empty.
int64_t join_migration(const std::string& base);

// Notes what a statement of it was risking, and what let it pass.
void note_in_migration(model::Risk risk, const Number& proposal, const Number& override_id);

// Installs what finishes the migration at the end of the transaction. Called once from _PG_init.
void watch_migrations();

}  // namespace strata::provenance
