// Recomputing the chain.
#pragma once

#include "provenance/checkpoints.hpp"
#include "provenance/row_set.hpp"

#include <deque>

namespace strata::provenance {

struct Problem {
  std::optional<int64_t> seq;
  std::string kind;  // altered, missing, reordered, forked, unrecorded, pending, pruned, unguarded
  std::string text;
};

class Verification {
 public:
  // `kept`: checkpoints from outside of the server.
  explicit Verification(std::vector<Checkpoint> kept);

  std::vector<Problem> run();

 private:
  struct Suspect {
    model::ChainEntry entry;
    bool own_hash_holds;
    bool prev_holds;
  };
  void say(std::optional<int64_t> seq, const char* kind, std::string text);
  void check_beginning();
  void check_entry(const model::ChainEntry& entry, bool whole);
  void check_row(const model::ChainEntry& entry);
  void check_checkpoints(int64_t seq);
  void check_beyond_end();
  void explain_suspects();
  void check_rows_left();
  void check_guards();
  RowSet& rows_of(const std::string& table);
  bool is_fork(const Checkpoint& checkpoint);

  pg::Moment moment_;
  pg::Sha256 hash_;
  model::Hasher short_hash_ = hash_.short_hasher();
  Tombstone gone_;
  model::MerkleTree tree_;
  std::multimap<int64_t, Checkpoint> checkpoints_;
  std::map<std::string, RowSet> rows_;
  std::vector<Suspect> suspects_;
  std::vector<Problem> problems_;
  std::string bytes_;
  int64_t expected_ = 1;
  model::Digest prev_{};
  bool prev_known_ = true;
  int64_t last_system_ = 0;  // of the entry looked at last
};

}  // namespace strata::provenance
