// The SQL functions strata.verify_provenance() and strata.checkpoint_provenance().
#include "pg/clock.hpp"
#include "pg/function.hpp"
#include "provenance/chain.hpp"
#include "provenance/entries.hpp"
#include "provenance/entry_scan.hpp"
#include "provenance/json_result.hpp"
#include "provenance/verification.hpp"

extern "C" {
#include "tcop/utility.h"
}

STRATA_FUNCTION(verify_provenance) {
  using namespace strata::provenance;
  strata::pg::ResultSet out(args);
  std::vector<Checkpoint> kept;
  if (!args.is_null(0)) kept = checkpoints_of(json_argument(args, 0));
  for (const Problem& problem : Verification(std::move(kept)).run())
    out.add({problem.seq ? std::optional(std::to_string(*problem.seq)) : std::nullopt, problem.text,
             problem.kind});
  return args.none();
}

// The root is of what is committed now, read without a lock: entries are never changed.
STRATA_FUNCTION(checkpoint_provenance) {
  using namespace strata::provenance;
  // What we write goes past the executor, which would say so.
  strata::pg::call([] { PreventCommandIfReadOnly("strata.checkpoint_provenance()"); });
  strata::pg::Sha256 hash;
  const Tombstone gone = tombstone();
  strata::model::MerkleTree tree = tree_of(gone, hash.short_hasher());
  Checkpoint checkpoint;
  checkpoint.seq = gone.seq;
  checkpoint.position = strata::pg::log_position();
  {
    const strata::pg::Moment moment;
    EntryScan scan(moment, gone.seq + 1);
    while (scan.next()) {
      if (scan.entry().seq != checkpoint.seq + 1 || !scan.whole())
        throw strata::Error(ERRCODE_DATA_CORRUPTED, "the provenance chain is broken",
                            fmt::format("Entry {} is missing or damaged.", checkpoint.seq + 1),
                            "Look at strata.verify_provenance().");
      tree.add(scan.entry().hash);
      checkpoint.seq++;
    }
  }
  checkpoint.root = tree.head();
  checkpoint.at = strata::model::iso_time(strata::pg::now());
  const std::string json = to_json(checkpoint);
  append_event("checkpoint", std::nullopt, json);
  link_pending();
  return json_result(json);
}
