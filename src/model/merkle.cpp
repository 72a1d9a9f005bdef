// Owns: Merkle trees (see merkle.hpp).
#include "model/merkle.hpp"

#include <bit>
#include <cstring>
#include <string>

namespace strata::model {
namespace {

Digest plain(void*, const void* data, size_t size) {
  return sha256(std::string_view(static_cast<const char*>(data), size));
}

// The largest power of two smaller than n; n > 1.
uint64_t split(uint64_t n) {
  return std::bit_floor(n - 1);
}

void inclusion(uint64_t leaf, LeafRange in, std::vector<LeafRange>& out) {
  const uint64_t n = in.end - in.first;
  if (n <= 1) return;
  const uint64_t k = split(n);
  const LeafRange left{in.first, in.first + k};
  const LeafRange right{in.first + k, in.end};
  const bool in_left = leaf < k;
  inclusion(in_left ? leaf : leaf - k, in_left ? left : right, out);
  out.push_back(in_left ? right : left);
}

// `whole`: the verifier knows the head of all that is in the range.
void consistency(uint64_t from, LeafRange in, bool whole, std::vector<LeafRange>& out) {
  const uint64_t n = in.end - in.first;
  if (from == n) {
    if (!whole) out.push_back(in);
    return;
  }
  const uint64_t k = split(n);
  const LeafRange left{in.first, in.first + k};
  const LeafRange right{in.first + k, in.end};
  if (from <= k) {
    consistency(from, left, whole, out);
    out.push_back(right);
  } else {
    consistency(from - k, right, false, out);
    out.push_back(left);
  }
}

}  // namespace

Hasher plain_hasher() noexcept {
  return {plain, nullptr};
}

Digest leaf_hash(const Hasher& hash, std::string_view entry) {
  std::string bytes(1, '\0');
  bytes += entry;
  return hash(bytes.data(), bytes.size());
}

Digest node_hash(const Hasher& hash, const Digest& left, const Digest& right) {
  uint8_t bytes[65];
  bytes[0] = 1;
  memcpy(bytes + 1, left.data(), left.size());
  memcpy(bytes + 33, right.data(), right.size());
  return hash(bytes, sizeof(bytes));
}

void MerkleTree::add_subtree(const Digest& head, int level) {
  size_ += uint64_t{1} << level;
  Subtree added{head, level};
  while (!parts_.empty() && parts_.back().level == added.level) {
    added = {node_hash(hash_, parts_.back().head, added.head), added.level + 1};
    parts_.pop_back();
  }
  parts_.push_back(added);
}

Digest MerkleTree::head() const {
  if (parts_.empty()) return hash_("", 0);
  Digest head = parts_.back().head;
  for (size_t i = parts_.size() - 1; i > 0; i--)
    head = node_hash(hash_, parts_[i - 1].head, head);
  return head;
}

std::vector<Digest> MerkleTree::subtrees() const {
  std::vector<Digest> out;
  for (const Subtree& part : parts_)
    out.push_back(part.head);
  return out;
}

std::vector<LeafRange> inclusion_path(uint64_t leaf, uint64_t size) {
  std::vector<LeafRange> out;
  inclusion(leaf, {0, size}, out);
  return out;
}

std::vector<LeafRange> consistency_path(uint64_t from, uint64_t to) {
  std::vector<LeafRange> out;
  consistency(from, {0, to}, true, out);
  return out;
}

bool inclusion_holds(const Hasher& hash, const Digest& leaf, uint64_t index, uint64_t size,
                     const std::vector<Digest>& path, const Digest& head) {
  if (index >= size) return false;
  uint64_t node = index;
  uint64_t last = size - 1;
  Digest result = leaf;
  for (const Digest& part : path) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      result = node_hash(hash, part, result);
      for (; (node & 1) == 0 && node != 0; node >>= 1)
        last >>= 1;
    } else {
      result = node_hash(hash, result, part);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && result == head;
}

bool consistency_holds(const Hasher& hash, uint64_t from, const Digest& from_head, uint64_t to,
                       const Digest& to_head, const std::vector<Digest>& path) {
  if (from == 0 || from > to) return false;
  if (from == to) return path.empty() && from_head == to_head;
  size_t next = 0;
  uint64_t node = from - 1;
  uint64_t last = to - 1;
  for (; (node & 1) != 0; node >>= 1)
    last >>= 1;
  if (node != 0 && path.empty()) return false;
  Digest of_from = node == 0 ? from_head : path[next++];
  Digest of_to = of_from;
  for (; next < path.size(); next++) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      of_from = node_hash(hash, path[next], of_from);
      of_to = node_hash(hash, path[next], of_to);
      for (; (node & 1) == 0 && node != 0; node >>= 1)
        last >>= 1;
    } else {
      of_to = node_hash(hash, of_to, path[next]);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && of_from == from_head && of_to == to_head;
}

}  // namespace strata::model
