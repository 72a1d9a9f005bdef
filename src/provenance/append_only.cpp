// The trigger function strata.append_only(): what is recorded is not edited (ST007).
#include "provenance/pruning.hpp"

#include "pg/function.hpp"

extern "C" {
#include "commands/trigger.h"
}

STRATA_FUNCTION(append_only) {
  if (strata::provenance::Pruning::active()) return PointerGetDatum(nullptr);
  const auto* trigger = reinterpret_cast<TriggerData*>(args.info()->context);
  const bool called_as_trigger = CALLED_AS_TRIGGER(args.info());
  const char* table = called_as_trigger ? RelationGetRelationName(trigger->tg_relation) : "?";
  throw strata::Error(strata::sqlstate::kAppendOnly,
                      fmt::format("\"{}\" is append-only: provenance is not edited", table),
                      "What is recorded is chained by hashes; an edit would show in "
                      "strata.verify_provenance().",
                      "Old parts are deleted up to a checkpoint by strata.prune_provenance().");
}
