// Owns: the JSON of checkpoints and tombstones (see checkpoints.hpp). The server's jsonb reads it.
#include "provenance/checkpoints.hpp"

#include "model/json.hpp"
#include "pg/spi.hpp"

#include <bit>

namespace strata::provenance {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// What is no number is NULL, so that an edited row is found to be one and does not stop us.
constexpr const char* kColumns = R"(
  CASE WHEN c.body ->> 'seq' ~ '^[0-9]{1,18}$' THEN c.body ->> 'seq' END, c.body ->> 'root',
  c.body ->> 'at',
  CASE WHEN c.body ->> 'system_identifier' ~ '^-?[0-9]{1,19}$' THEN c.body ->> 'system_identifier' END,
  CASE WHEN c.body ->> 'timeline' ~ '^[0-9]{1,9}$' THEN c.body ->> 'timeline' END,
  c.body ->> 'lsn')";

std::optional<Checkpoint> checkpoint_of(const pg::SqlRow& row) {
  const auto root = digest_in(row[1].value_or(""));
  if (!row[0] || !root) return std::nullopt;
  Checkpoint out;
  out.seq = std::stoll(*row[0]);
  out.root = *root;
  out.at = row[2].value_or("");
  out.position.system_identifier = row[3] ? static_cast<int64_t>(std::stoull(*row[3])) : 0;
  out.position.timeline = row[4] ? std::stoi(*row[4]) : 0;
  out.position.lsn = pg::lsn_of(row[5].value_or(""));
  return out;
}

}  // namespace

std::optional<model::Digest> digest_in(const std::string& hexadecimal) {
  model::Digest out;
  if (hexadecimal.size() != 2 * out.size()) return std::nullopt;
  for (size_t i = 0; i < out.size(); i++) {
    const int high = hex_digit(hexadecimal[2 * i]);
    const int low = hex_digit(hexadecimal[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return out;
}

std::string to_json(const Checkpoint& checkpoint) {
  return fmt::format(
      R"({{"seq": {}, "root": "{}", "at": {}, "system_identifier": "{}", "timeline": {}, "lsn": "{}"}})",
      checkpoint.seq, model::hex(checkpoint.root), model::json_string(checkpoint.at),
      checkpoint.position.system_identifier, checkpoint.position.timeline,
      pg::lsn_text(checkpoint.position.lsn));
}

std::vector<Checkpoint> checkpoints_of(const std::string& json) {
  std::vector<Checkpoint> out;
  pg::Spi spi;
  const auto rows = spi.query(fmt::format("SELECT {} FROM (SELECT pg_catalog.jsonb_array_elements("
                                          "CASE pg_catalog.jsonb_typeof(j) WHEN 'array' THEN j"
                                          " ELSE pg_catalog.jsonb_build_array(j) END) AS body"
                                          " FROM (SELECT $1::pg_catalog.jsonb AS j) AS given) AS c",
                                          kColumns),
                              {pg::SqlArg::text(json)});
  for (const auto& row : rows) {
    const auto checkpoint = checkpoint_of(row);
    if (!checkpoint)
      throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "this is no checkpoint",
                  "A checkpoint is an object with \"seq\" and \"root\".",
                  "Give what strata.checkpoint_provenance() returned, or an array of that.");
    out.push_back(*checkpoint);
    out.back().kept_outside = true;
  }
  return out;
}

std::vector<Checkpoint> recorded_checkpoints() {
  std::vector<Checkpoint> out;
  pg::Spi spi;
  for (const auto& row : spi.query_now(fmt::format(
           "SELECT {} FROM strata.provenance_event AS c WHERE c.kind = 'checkpoint'", kColumns)))
    if (const auto checkpoint = checkpoint_of(row)) out.push_back(*checkpoint);
  return out;
}

Tombstone tombstone() {
  Tombstone out;
  pg::Spi spi;
  const auto rows = spi.query_now(
      "SELECT t.seq, t.body ->> 'root', t.body ->> 'last_hash', t.body ->> 'subtrees'"
      " FROM (SELECT CASE WHEN e.body ->> 'seq' ~ '^[0-9]{1,18}$'"
      "              THEN (e.body ->> 'seq')::pg_catalog.int8 END AS seq, e.body"
      "       FROM strata.provenance_event AS e WHERE e.kind = 'tombstone') AS t"
      " ORDER BY t.seq DESC NULLS LAST LIMIT 1");
  if (rows.empty() || !rows[0][0]) return out;
  out.seq = std::stoll(*rows[0][0]);
  out.root = digest_in(rows[0][1].value_or("")).value_or(model::Digest{});
  out.last_hash = digest_in(rows[0][2].value_or("")).value_or(model::Digest{});
  const std::string subtrees = rows[0][3].value_or("");
  for (size_t i = 0; i + 64 <= subtrees.size(); i += 64)
    out.subtrees.push_back(digest_in(subtrees.substr(i, 64)).value_or(model::Digest{}));
  out.subtrees.resize(static_cast<size_t>(std::popcount(static_cast<uint64_t>(out.seq))));
  return out;
}

std::string to_json(const Tombstone& tombstone, int64_t deleted) {
  std::string subtrees;
  for (const model::Digest& subtree : tombstone.subtrees)
    subtrees += model::hex(subtree);
  return fmt::format(
      R"({{"seq": {}, "root": "{}", "last_hash": "{}", "subtrees": "{}", "deleted": {}}})",
      tombstone.seq, model::hex(tombstone.root), model::hex(tombstone.last_hash), subtrees,
      deleted);
}

model::MerkleTree tree_of(const Tombstone& tombstone, model::Hasher hash) {
  model::MerkleTree tree(hash);
  size_t next = 0;
  for (int level = 62; level >= 0; level--)
    if ((tombstone.seq >> level & 1) != 0) tree.add_subtree(tombstone.subtrees[next++], level);
  return tree;
}

}  // namespace strata::provenance
