// Heads of ranges of the chain's entries: what proofs consist of.
#pragma once

#include "model/merkle.hpp"
#include "provenance/checkpoints.hpp"

namespace strata::provenance {

// Returns how many entries the chain has, with those that were pruned.
int64_t chain_size();

// Returns the heads of the ranges, by one pass over the chain; the moment is after chain_size().
// Raises 55000 when a range needs what was pruned, and XX001 when entries are missing.
std::vector<model::Digest> heads_of(const std::vector<model::LeafRange>& ranges,
                                    const pg::Moment& moment);

}  // namespace strata::provenance
