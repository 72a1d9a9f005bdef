// Owns: one pass over the chain and the rows it names (see verification.hpp).
//
// A problem is said once, where it is: after each entry the pass goes on from what is stored, so
// that one edit does not make all that follows look edited.
#include "provenance/verification.hpp"

#include "pg/spi.hpp"
#include "provenance/chain.hpp"
#include "provenance/entry_scan.hpp"

namespace strata::provenance {

Verification::Verification(std::vector<Checkpoint> kept)
    : gone_(tombstone()), tree_(tree_of(gone_, hash_.short_hasher())) {
  for (Checkpoint& checkpoint : recorded_checkpoints())
    checkpoints_.emplace(checkpoint.seq, std::move(checkpoint));
  for (Checkpoint& checkpoint : kept)
    checkpoints_.emplace(checkpoint.seq, std::move(checkpoint));
}

void Verification::say(std::optional<int64_t> seq, const char* kind, std::string text) {
  problems_.push_back({seq, kind, std::move(text)});
}

std::vector<Problem> Verification::run() {
  check_beginning();
  {
    EntryScan scan(moment_, INT64_MIN);
    while (scan.next())
      check_entry(scan.entry(), scan.whole());
  }
  explain_suspects();
  check_beyond_end();
  check_rows_left();
  check_guards();
  return std::move(problems_);
}

void Verification::check_beginning() {
  expected_ = gone_.seq + 1;
  prev_ = gone_.last_hash;
  for (const std::string& table : linked_tables())
    rows_of(table);
  for (auto at = checkpoints_.begin(); at != checkpoints_.lower_bound(gone_.seq); ++at)
    if (at->second.kept_outside)
      say(at->first, "pruned",
          fmt::format("the checkpoint of {} cannot be compared: entries up to {} were pruned",
                      at->second.at, gone_.seq));
  if (gone_.seq > 0 && tree_.head() != gone_.root)
    say(gone_.seq, "altered", "the tombstone was edited: its subtrees do not make up its root");
  check_checkpoints(gone_.seq);
}

void Verification::check_entry(const model::ChainEntry& entry, bool whole) {
  if (entry.seq <= gone_.seq) {
    say(entry.seq, "unrecorded", "an entry stands where entries were pruned");
    return;
  }
  if (entry.seq > expected_) {
    say(expected_, "missing",
        entry.seq == expected_ + 1
            ? fmt::format("entry {} is missing", expected_)
            : fmt::format("entries {} to {} are missing", expected_, entry.seq - 1));
    for (; expected_ < entry.seq; expected_++) {
      tree_.add({});
      check_checkpoints(expected_);
    }
    prev_known_ = false;
  }
  if (!whole) say(entry.seq, "altered", "a hash of the entry was replaced by what is none");
  model::leaf_bytes(bytes_, entry);
  const model::Digest computed = short_hash_(bytes_.data(), bytes_.size());
  const bool own = computed == entry.hash;
  const bool prev = !prev_known_ || entry.prev_hash == prev_;
  if (whole && !(own && prev)) suspects_.push_back({entry, own, prev});
  check_row(entry);
  tree_.add(computed);
  prev_ = entry.hash;
  prev_known_ = true;
  last_system_ = entry.system_identifier;
  expected_ = entry.seq + 1;
  check_checkpoints(entry.seq);
}

RowSet& Verification::rows_of(const std::string& table) {
  const auto known = rows_.find(table);
  if (known != rows_.end()) return known->second;
  return rows_.emplace(table, RowSet(table, moment_, hash_)).first->second;
}

void Verification::check_row(const model::ChainEntry& entry) {
  RowSet::Row* row = rows_of(entry.source).find(entry.ref);
  if (row == nullptr) {
    say(entry.seq, "missing",
        fmt::format("row {} of strata.{} was deleted", entry.ref, entry.source));
    return;
  }
  if (row->linked)
    say(entry.seq, "altered",
        fmt::format("row {} of strata.{} is named by two entries", entry.ref, entry.source));
  row->linked = true;
  if (row->digest != entry.digest)
    say(entry.seq, "altered",
        fmt::format("row {} of strata.{} was edited", entry.ref, entry.source));
}

// An entry whose stored hash holds under another number was recorded as that one. Its number is
// known from the entry that follows that one, which names the hash.
void Verification::explain_suspects() {
  std::map<model::Digest, int64_t> followed;
  for (const Suspect& suspect : suspects_)
    followed.emplace(suspect.entry.prev_hash, suspect.entry.seq);
  std::set<int64_t> moved;
  for (const Suspect& suspect : suspects_) {
    if (suspect.own_hash_holds) continue;
    std::set<int64_t> places;
    for (const Suspect& other : suspects_) {
      if (places.size() > 100) break;
      places.insert({other.entry.seq - 1, other.entry.seq});
    }
    if (const auto next = followed.find(suspect.entry.hash); next != followed.end())
      places.insert(next->second - 1);
    for (const int64_t place : places) {
      model::ChainEntry as_recorded = suspect.entry;
      as_recorded.seq = place;
      model::leaf_bytes(bytes_, as_recorded);
      if (hash_(bytes_) != suspect.entry.hash) continue;
      say(suspect.entry.seq, "reordered", fmt::format("the entry was recorded as entry {}", place));
      moved.insert(suspect.entry.seq);
      break;
    }
  }
  for (const Suspect& suspect : suspects_) {
    const int64_t seq = suspect.entry.seq;
    if (!suspect.own_hash_holds && !moved.contains(seq))
      say(seq, "altered", "the entry was edited: its hash is not that of what it says");
    // What follows a moved entry is where it was.
    if (suspect.own_hash_holds && !moved.contains(seq - 1))
      say(seq, "altered",
          fmt::format("the entry does not follow entry {}: one of them was replaced", seq - 1));
  }
}

bool Verification::is_fork(const Checkpoint& checkpoint) {
  if (pg::lies_behind_us(checkpoint.position)) return false;
  const bool other_system =
      checkpoint.position.system_identifier != pg::log_position().system_identifier;
  // A copy in another cluster has our entries up to where it was made.
  return !other_system || expected_ <= checkpoint.seq ||
         last_system_ != checkpoint.position.system_identifier;
}

void Verification::check_checkpoints(int64_t seq) {
  const auto [begin, end] = checkpoints_.equal_range(seq);
  for (auto at = begin; at != end; ++at) {
    const Checkpoint& checkpoint = at->second;
    if (tree_.head() == checkpoint.root) continue;
    if (is_fork(checkpoint))
      say(seq, "forked",
          fmt::format("the checkpoint of {} was taken on another branch: timeline {} at {} of "
                      "system {}, which this server has no part in",
                      checkpoint.at, checkpoint.position.timeline,
                      pg::lsn_text(checkpoint.position.lsn),
                      checkpoint.position.system_identifier));
    else
      say(seq, "altered",
          fmt::format("the first {} entries are not those of the checkpoint {} of {}", seq,
                      checkpoint.kept_outside ? "kept outside" : "in the chain", checkpoint.at));
  }
}

void Verification::check_beyond_end() {
  const int64_t last = expected_ - 1;
  for (auto at = checkpoints_.upper_bound(last); at != checkpoints_.end(); ++at) {
    const Checkpoint& checkpoint = at->second;
    if (is_fork(checkpoint))
      say(last + 1, "forked",
          fmt::format("the chain ends with entry {}, and the checkpoint of {} has {}: it was taken "
                      "on another branch, timeline {} at {} of system {}",
                      last, checkpoint.at, checkpoint.seq, checkpoint.position.timeline,
                      pg::lsn_text(checkpoint.position.lsn),
                      checkpoint.position.system_identifier));
    else
      say(last + 1, "missing",
          fmt::format("the chain ends with entry {}, and the checkpoint of {} has {}", last,
                      checkpoint.at, checkpoint.seq));
  }
}

void Verification::check_rows_left() {
  std::set<std::pair<std::string, int64_t>> pending;
  pg::RowScan scan("provenance_pending", moment_);
  while (scan.next())
    pending.emplace(scan.name(1), scan.int8(2));
  std::set<std::pair<std::string, int64_t>> ours;
  for (const Linked& row : linked())
    ours.emplace(row.table, row.id);
  for (const auto& [table, rows] : rows_)
    for (const RowSet::Row& row : rows.rows()) {
      if (row.linked || ours.contains({table, row.id})) continue;
      if (pending.contains({table, row.id}))
        say(std::nullopt, "pending",
            fmt::format("row {} of strata.{} is of a prepared transaction, and is linked by the "
                        "next commit that records something",
                        row.id, table));
      else
        say(std::nullopt, "unrecorded",
            fmt::format("row {} of strata.{} is in no entry", row.id, table));
    }
}

// As the control script makes them, and calling the library itself. 58: before, for each statement,
// on UPDATE, DELETE and TRUNCATE.
void Verification::check_guards() {
  pg::Spi spi;
  const auto open = spi.query(
      "SELECT w.name FROM pg_catalog.unnest(ARRAY['migration', 'change', 'attempt',"
      " 'provenance_event', 'provenance_entry', 'provenance_pending']) AS w (name)"
      " WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t"
      " JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid"
      " JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid"
      " JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang"
      " JOIN pg_catalog.pg_namespace AS n"
      "   ON n.oid = c.relnamespace AND n.oid = p.pronamespace"
      " WHERE n.nspname = 'strata' AND c.relname = w.name AND p.proname = 'append_only'"
      "   AND l.lanname = 'c' AND p.prosrc = 'strata_append_only'"
      "   AND t.tgenabled = 'A' AND t.tgtype = 58 AND t.tgqual IS NULL"
      "   AND t.tgattr::pg_catalog.text = '') ORDER BY 1");
  for (const auto& row : open)
    say(std::nullopt, "unguarded",
        fmt::format(
            "strata.{} can be edited: its trigger append_only is gone, disabled or not what "
            "it was",
            *row[0]));
}

}  // namespace strata::provenance
