// What stands for the definitions in entries that are pruned: a change for each tracked schema with
// all that was in it after the last of them, as strata.track() records what is there. Drift and
// lineage go on from there.
#pragma once

#include "provenance/entries.hpp"

namespace strata::provenance {

// Returns the changes that stand for all entries up to `seq`, which must still be there; none for a
// schema that was tracked later. `statement` is the call that prunes.
std::vector<Change> baselines(int64_t seq, const std::string& statement);

// Records them, in the migration of this transaction.
void append_baselines(std::vector<Change> baselines);

}  // namespace strata::provenance
