// Merkle trees against the vectors of Certificate Transparency's own tests, and proofs of all trees
// up to a size against each other.
#include "model/merkle.hpp"

#include <gtest/gtest.h>

using namespace strata::model;

namespace {

const Hasher hash = plain_hasher();

// The leaves and heads of certificate-transparency's merkle tree tests.
const std::string kLeaves[] = {
    "",
    std::string("\x00", 1),
    "\x10",
    "\x20\x21",
    "\x30\x31",
    "\x40\x41\x42\x43",
    "\x50\x51\x52\x53\x54\x55\x56\x57",
    "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
};
const char* const kHeads[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

std::vector<Digest> leaves(size_t count) {
  std::vector<Digest> out;
  for (size_t i = 0; i < count; i++)
    out.push_back(leaf_hash(hash, i < 8 ? kLeaves[i] : std::to_string(i)));
  return out;
}

Digest head_of(const std::vector<Digest>& all, LeafRange range) {
  MerkleTree tree(hash);
  for (uint64_t i = range.first; i < range.end; i++)
    tree.add(all[i]);
  return tree.head();
}

std::vector<Digest> heads_of(const std::vector<Digest>& all, const std::vector<LeafRange>& path) {
  std::vector<Digest> out;
  for (const LeafRange& range : path)
    out.push_back(head_of(all, range));
  return out;
}

std::vector<std::string> hexes(const std::vector<Digest>& digests) {
  std::vector<std::string> out;
  for (const Digest& digest : digests)
    out.push_back(hex(digest));
  return out;
}

}  // namespace

TEST(Merkle, Heads) {
  EXPECT_EQ(hex(MerkleTree(hash).head()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  MerkleTree tree(hash);
  for (size_t i = 0; i < 8; i++) {
    tree.add(leaf_hash(hash, kLeaves[i]));
    EXPECT_EQ(hex(tree.head()), kHeads[i]);
  }
}

TEST(Merkle, InclusionVectors) {
  const auto all = leaves(8);
  EXPECT_TRUE(inclusion_path(0, 1).empty());
  const std::vector<std::string> first = {
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"};
  EXPECT_EQ(hexes(heads_of(all, inclusion_path(0, 8))), first);
  const std::vector<std::string> sixth = {
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
  EXPECT_EQ(hexes(heads_of(all, inclusion_path(5, 8))), sixth);
}

TEST(Merkle, ConsistencyVectors) {
  const auto all = leaves(8);
  const std::vector<std::string> one_to_eight = {
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"};
  EXPECT_EQ(hexes(heads_of(all, consistency_path(1, 8))), one_to_eight);
  const std::vector<std::string> six_to_eight = {
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
  EXPECT_EQ(hexes(heads_of(all, consistency_path(6, 8))), six_to_eight);
}

TEST(Merkle, ProofsOfAllTreesHoldAndOthersDoNot) {
  const auto all = leaves(40);
  for (uint64_t n = 1; n <= all.size(); n++) {
    const Digest head = head_of(all, {0, n});
    for (uint64_t m = 0; m < n; m++) {
      auto path = heads_of(all, inclusion_path(m, n));
      EXPECT_TRUE(inclusion_holds(hash, all[m], m, n, path, head));
      EXPECT_FALSE(inclusion_holds(hash, all[m], m + 1, n, path, head));
      path.push_back(head);
      EXPECT_FALSE(inclusion_holds(hash, all[m], m, n, path, head));
      const Digest smaller = head_of(all, {0, m + 1});
      auto proof = heads_of(all, consistency_path(m + 1, n));
      EXPECT_TRUE(consistency_holds(hash, m + 1, smaller, n, head, proof));
      proof.push_back(head);
      EXPECT_FALSE(consistency_holds(hash, m + 1, smaller, n, head, proof));
    }
  }
}

// What stands for leaves that are gone: every range of a proof about a later leaf begins at one of
// their subtrees.
TEST(Merkle, SubtreesStandForLeaves) {
  const auto all = leaves(40);
  for (uint64_t gone = 0; gone <= all.size(); gone++) {
    MerkleTree kept(hash);
    for (uint64_t i = 0; i < gone; i++)
      kept.add(all[i]);
    MerkleTree again(hash);
    size_t next = 0;
    const auto parts = kept.subtrees();
    for (int level = 63; level >= 0; level--)
      if ((gone >> level & 1) != 0) again.add_subtree(parts[next++], level);
    EXPECT_EQ(next, parts.size());
    EXPECT_EQ(again.size(), gone);
    for (uint64_t i = gone; i < all.size(); i++)
      again.add(all[i]);
    EXPECT_EQ(again.head(), head_of(all, {0, all.size()}));
  }
}
