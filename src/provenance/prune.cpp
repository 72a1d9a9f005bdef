// The SQL function strata.prune_provenance(): deletes old entries and their rows up to a
// checkpoint, and leaves a tombstone with their root, and the definitions as they were then.
#include "catalog/registry.hpp"
#include "pg/clock.hpp"
#include "pg/function.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "provenance/baseline.hpp"
#include "provenance/entries.hpp"
#include "provenance/entry_scan.hpp"
#include "provenance/json_result.hpp"
#include "provenance/pruning.hpp"
#include "provenance/verification.hpp"

extern "C" {
#include "access/xact.h"
}

namespace strata::provenance {
namespace {

// Deleting what only an old snapshot shows would leave half of it.
void need_read_committed() {
  if (!IsolationUsesXactSnapshot()) return;
  throw Error(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
              "provenance is pruned in a transaction with isolation level READ COMMITTED only", {},
              "Run it in a transaction of its own.");
}

// Nothing is deleted that does not verify: the tombstone would hide it.
void need_intact() {
  for (const Problem& problem : Verification({}).run())
    if (problem.kind != "pending" && problem.kind != "unguarded")
      throw Error(ERRCODE_DATA_CORRUPTED, "the provenance chain does not verify", problem.text,
                  "Look at strata.verify_provenance().");
}

// Makes the tombstone of the entries up to the last recorded checkpoint whose entries are all from
// before that time. Its seq is that of the last tombstone when there is no such checkpoint.
Tombstone tombstone_before(int64_t before, pg::Sha256& hash) {
  std::map<int64_t, model::Digest> checkpoints;
  for (const Checkpoint& checkpoint : recorded_checkpoints())
    checkpoints[checkpoint.seq] = checkpoint.root;
  Tombstone out = tombstone();
  model::MerkleTree tree = tree_of(out, hash.short_hasher());
  const pg::Moment moment;
  EntryScan scan(moment, out.seq + 1);
  while (scan.next() && scan.entry().at < before) {
    tree.add(scan.entry().hash);
    const auto checkpoint = checkpoints.find(scan.entry().seq);
    if (checkpoint == checkpoints.end() || checkpoint->second != tree.head()) continue;
    out = {scan.entry().seq, tree.head(), scan.entry().hash, tree.subtrees()};
  }
  return out;
}

int64_t delete_up_to(int64_t seq) {
  const Pruning pruning;
  const pg::ActAs owner(pg::extension_owner(), pg::ActAs::Restricted());
  pg::Spi spi;
  const auto tables = spi.query(
      "SELECT c.relname, a.attname FROM (SELECT DISTINCT e.source FROM strata.provenance_entry AS e"
      "                       WHERE e.seq <= $1) AS s"
      " JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'strata'"
      " JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.source"
      " JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = 1",
      {pg::SqlArg::int8(seq)});
  for (const auto& table : tables)
    spi.run(fmt::format("DELETE FROM strata.{} AS t USING strata.provenance_entry AS e"
                        " WHERE e.seq <= $1 AND e.source = $2 AND e.ref = t.{}",
                        pg::quote(*table[0]), pg::quote(*table[1])),
            {pg::SqlArg::int8(seq), pg::SqlArg::name(*table[0])});
  return static_cast<int64_t>(spi.run("DELETE FROM strata.provenance_entry AS e WHERE e.seq <= $1",
                                      {pg::SqlArg::int8(seq)}));
}

// Two at once would delete the same.
void lock_out_others() {
  pg::Spi spi;
  spi.run("LOCK TABLE strata.provenance_entry IN SHARE UPDATE EXCLUSIVE MODE");
}

std::string call_text(int64_t before) {
  return fmt::format("strata.prune_provenance(before => '{}')",
                     TIMESTAMP_NOT_FINITE(before) ? "infinity" : model::iso_time(before));
}

}  // namespace
}  // namespace strata::provenance

STRATA_FUNCTION(prune_provenance) {
  using namespace strata::provenance;
  need_read_committed();
  lock_out_others();
  need_intact();
  strata::pg::Sha256 hash;
  const int64_t gone_before = tombstone().seq;
  const Tombstone gone = tombstone_before(args.timestamp(0), hash);
  if (gone.seq == gone_before) return json_result(to_json(gone, 0));
  auto kept = baselines(gone.seq, call_text(args.timestamp(0)));
  const int64_t deleted = delete_up_to(gone.seq);
  const std::string json = to_json(gone, deleted);
  append_event("tombstone", std::nullopt, json);
  append_baselines(std::move(kept));
  return json_result(json);
}
