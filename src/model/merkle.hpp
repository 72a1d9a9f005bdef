// Merkle trees as of RFC 6962, section 2.1: tree heads, inclusion proofs, consistency proofs. Plain
// C++, no server.
//
// Trees are built from leaf hashes in one pass that keeps a logarithm of them. What stands for
// leaves that are gone is the heads of the largest full subtrees they made up: the same hashes that
// a tree keeps. Proofs name the ranges of leaves whose heads they consist of, so that one pass over
// the leaves finds them all.
#pragma once

#include "model/sha256.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace strata::model {

// SHA-256 as a function: the server's is the faster one for long texts, ours for short ones, and it
// needs no server.
using Sha256 = Digest (*)(void* state, const void* data, size_t size);

struct Hasher {
  Sha256 function;
  void* state;
  Digest operator()(const void* data, size_t size) const { return function(state, data, size); }
};

// The one in sha256.hpp.
Hasher plain_hasher() noexcept;

// SHA-256(0x00 || entry)
Digest leaf_hash(const Hasher& hash, std::string_view entry);

// SHA-256(0x01 || left || right)
Digest node_hash(const Hasher& hash, const Digest& left, const Digest& right);

// A tree that grows by leaves at its right end.
class MerkleTree {
 public:
  explicit MerkleTree(Hasher hash) : hash_(hash) {}

  // Adds a leaf.
  void add(const Digest& leaf) { add_subtree(leaf, 0); }

  // Adds a full subtree of 2^level leaves; the size so far is a multiple of that.
  void add_subtree(const Digest& head, int level);

  uint64_t size() const { return size_; }

  // The tree head: of no leaves, SHA-256 of nothing.
  Digest head() const;

  // The heads of its largest full subtrees, left to right: one for each bit of the size, highest
  // first.
  std::vector<Digest> subtrees() const;

 private:
  struct Subtree {
    Digest head;
    int level;
  };
  Hasher hash_;
  uint64_t size_ = 0;
  std::vector<Subtree> parts_;
};

// Leaves from `first` to before `end`.
struct LeafRange {
  uint64_t first;
  uint64_t end;
  bool operator==(const LeafRange&) const = default;
};

// PATH(m, D[n]), section 2.1.1: the ranges whose heads it is, in its order. m < n.
std::vector<LeafRange> inclusion_path(uint64_t leaf, uint64_t size);

// PROOF(m, D[n]), section 2.1.2. 0 < m <= n.
std::vector<LeafRange> consistency_path(uint64_t from, uint64_t to);

// Returns whether the path proves that the leaf is in the tree (RFC 9162, section 2.1.3.2).
bool inclusion_holds(const Hasher& hash, const Digest& leaf, uint64_t index, uint64_t size,
                     const std::vector<Digest>& path, const Digest& head);

// Returns whether the path proves that one tree is the start of the other (RFC 9162, section
// 2.1.4.2).
bool consistency_holds(const Hasher& hash, uint64_t from, const Digest& from_head, uint64_t to,
                       const Digest& to_head, const std::vector<Digest>& path);

}  // namespace strata::model
