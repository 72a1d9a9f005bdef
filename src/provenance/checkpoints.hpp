// Checkpoints: the Merkle root of the first entries, at some time; and tombstones, which stand for
// entries that were deleted up to one.
//
// Kept as events in the chain; checkpoints also by whoever asked for them, outside of the server.
#pragma once

#include "model/merkle.hpp"
#include "pg/row_scan.hpp"
#include "pg/timeline.hpp"

namespace strata::provenance {

struct Checkpoint {
  int64_t seq = 0;  // of the last entry; 0: of an empty chain
  model::Digest root{};
  std::string at;
  pg::LogPosition position;
  bool kept_outside = false;
};

// Returns the checkpoint as a JSON object, roots in hexadecimal.
std::string to_json(const Checkpoint& checkpoint);

// Reads a checkpoint or an array of them; the JSON is the caller's. Raises 22023 for what is none.
std::vector<Checkpoint> checkpoints_of(const std::string& json);

// Returns those recorded in the chain's events.
std::vector<Checkpoint> recorded_checkpoints();

// What stands for entries that were deleted.
struct Tombstone {
  int64_t seq = 0;                      // of the last of them; 0: nothing was deleted
  model::Digest root{};                 // of all of them
  model::Digest last_hash{};            // of the last
  std::vector<model::Digest> subtrees;  // as MerkleTree::subtrees
};

// Returns the tombstone that stands for the most entries.
Tombstone tombstone();

// Returns the tombstone as a JSON object; `deleted` of its entries by this tombstone.
std::string to_json(const Tombstone& tombstone, int64_t deleted);

// Returns a tree of what was deleted. Where the tombstone was edited, its head is not the root.
model::MerkleTree tree_of(const Tombstone& tombstone, model::Hasher hash);

// Returns the digest in hexadecimal text; no value where it is none.
std::optional<model::Digest> digest_in(const std::string& hexadecimal);

}  // namespace strata::provenance
