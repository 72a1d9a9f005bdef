// Owns: what this transaction has to tell the launcher (see wake.hpp).
#include "rollout/wake.hpp"

#include "pg/due_databases.hpp"
#include "pg/function.hpp"

extern "C" {
#include "access/xact.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/rel.h"
}

namespace strata::rollout {
namespace {

bool quiet = false;
bool changed = false;        // by this transaction, or by a subtransaction that was rolled back
bool rollout_moved = false;  // one itself

// Whoever commits a prepared transaction knows nothing of it, and nobody would look.
void refuse_prepare() {
  if (!rollout_moved) return;
  rollout_moved = changed = false;
  throw Error(ERRCODE_FEATURE_NOT_SUPPORTED,
              "cannot PREPARE a transaction that has changed a rollout", {},
              "Commit it, or change the rollout in a transaction of its own.");
}

void on_transaction(XactEvent event, void*) {
  if (event == XACT_EVENT_PRE_PREPARE) pg::enter(refuse_prepare);
  if (event == XACT_EVENT_COMMIT && changed) (void)pg::ask_for_visit(MyDatabaseId);
  if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
    changed = rollout_moved = false;
}

}  // namespace

// The trigger behind changes of rollouts, gates, proposals and approvals.
STRATA_FUNCTION(rollout_changed) {
  if (!CALLED_AS_TRIGGER(args.info()))
    throw Error(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "rollout_changed is a trigger function");
  const Relation table = reinterpret_cast<TriggerData*>(args.info()->context)->tg_relation;
  if (strcmp(RelationGetRelationName(table), "rollout") == 0) rollout_moved = !quiet;
  changed = !quiet;
  return PointerGetDatum(nullptr);
}

void keep_quiet() noexcept {
  quiet = true;
}

void watch_rollouts() {
  RegisterXactCallback(on_transaction, nullptr);
}

}  // namespace strata::rollout
