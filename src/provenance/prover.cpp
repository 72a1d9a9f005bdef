// Owns: computing heads of ranges (see prover.hpp).
#include "provenance/prover.hpp"

#include "pg/spi.hpp"
#include "provenance/entry_scan.hpp"

namespace strata::provenance {
namespace {

using model::LeafRange;
using model::MerkleTree;

// Adds the subtrees of what was pruned to the ranges they are in.
void add_pruned(const Tombstone& gone, const std::vector<LeafRange>& ranges,
                std::vector<MerkleTree>& trees) {
  uint64_t first = 0;
  size_t next = 0;
  for (int level = 62; level >= 0; level--) {
    if ((gone.seq >> level & 1) == 0) continue;
    const LeafRange subtree{first, first + (uint64_t{1} << level)};
    for (size_t i = 0; i < ranges.size(); i++) {
      if (ranges[i].first <= subtree.first && subtree.end <= ranges[i].end)
        trees[i].add_subtree(gone.subtrees[next], level);
      else if (ranges[i].first < subtree.end && subtree.first < ranges[i].end)
        throw Error(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "the proof needs entries that were pruned",
                    fmt::format("Entries up to {} were pruned.", gone.seq),
                    "Ask for proofs of entries after that.");
    }
    first = subtree.end;
    next++;
  }
}

}  // namespace

int64_t chain_size() {
  pg::Spi spi;
  const auto last =
      spi.query_now("SELECT pg_catalog.max(e.seq) FROM strata.provenance_entry AS e")[0][0];
  return std::max(tombstone().seq, last ? static_cast<int64_t>(std::stoll(*last)) : int64_t{0});
}

std::vector<model::Digest> heads_of(const std::vector<LeafRange>& ranges,
                                    const pg::Moment& moment) {
  pg::Sha256 hash;
  const Tombstone gone = tombstone();
  std::vector<MerkleTree> trees(ranges.size(), MerkleTree(hash.short_hasher()));
  add_pruned(gone, ranges, trees);
  uint64_t end = 0;
  for (const LeafRange& range : ranges)
    end = std::max(end, range.end);
  auto at = static_cast<uint64_t>(gone.seq);
  EntryScan scan(moment, gone.seq + 1);
  while (at < end) {
    if (!scan.next() || static_cast<uint64_t>(scan.entry().seq) != at + 1 || !scan.whole())
      throw Error(ERRCODE_DATA_CORRUPTED, "the provenance chain is broken",
                  fmt::format("Entry {} is missing or damaged.", at + 1),
                  "Look at strata.verify_provenance().");
    for (size_t i = 0; i < ranges.size(); i++)
      if (ranges[i].first <= at && at < ranges[i].end) trees[i].add(scan.entry().hash);
    at++;
  }
  std::vector<model::Digest> out;
  for (const MerkleTree& tree : trees)
    out.push_back(tree.head());
  return out;
}

}  // namespace strata::provenance
