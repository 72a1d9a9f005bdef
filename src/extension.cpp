// The library's start: settings, callbacks and hooks are installed here and nowhere else.
#include "catalog/registry.hpp"
#include "guard/policies.hpp"
#include "guard/proposals.hpp"
#include "guard/recheck.hpp"
#include "guard/windows.hpp"
#include "pg/catalog_watch.hpp"
#include "pg/due_databases.hpp"
#include "pg/guard.hpp"
#include "pg/known_shapes.hpp"
#include "pg/named_tables.hpp"
#include "pg/own_tables.hpp"
#include "pg/row_forms.hpp"
#include "pg/shared_counters.hpp"
#include "pg/shared_queue.hpp"
#include "provenance/chain.hpp"
#include "provenance/migration.hpp"
#include "provenance/record.hpp"
#include "provenance/touched.hpp"
#include "rewrite/hooks.hpp"
#include "rollout/routing.hpp"
#include "rollout/wake.hpp"
#include "settings.hpp"
#include "sunset/deprecations.hpp"
#include "sunset/use.hpp"
#include "telemetry/hooks.hpp"
#include "upkeep/hooks.hpp"
#include "upkeep/side_doors.hpp"
#include "worker/launcher.hpp"

extern "C" {
#include "utils/guc.h"

STRATA_MODULE_MAGIC;

void _PG_init(void);
}

namespace {

// Raise-kind: the server's own call into us, with nothing of C++ on the stack.
void require_preload() {
  if (process_shared_preload_libraries_in_progress) return;
  ereport(ERROR,
          (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
           errmsg("pg_strata must be loaded via shared_preload_libraries"),
           errdetail(
               "Its hooks must see every session; a library loaded by one session guards nothing."),
           errhint("Add this line to postgresql.conf and restart the server: "
                   "shared_preload_libraries = 'pg_strata'")));
}

}  // namespace

extern "C" void _PG_init(void) {
  require_preload();
  strata::pg::enter([] {
    strata::define_settings({strata::upkeep::before_setting, strata::rollout::route_assigned,
                             strata::rollout::unit_assigned});
    strata::pg::watch_catalogs();
    strata::pg::watch_known_shapes();
    strata::pg::watch_named_tables();
    strata::pg::watch_row_forms();
    strata::pg::watch_own_tables();
    strata::provenance::watch_captures();
    strata::provenance::watch_chain();
    strata::provenance::watch_touched();
    strata::provenance::watch_migrations();
    strata::catalog::watch_registry();
    strata::guard::watch_policies();
    strata::guard::watch_proposals();
    strata::guard::watch_commits();
    strata::guard::watch_windows();
    strata::sunset::watch_deprecations();
    strata::upkeep::install_hooks();
    strata::rewrite::install_hooks();
    strata::sunset::install_use_hook();
    strata::rollout::install_routing();
    strata::rollout::watch_rollouts();
    // Nothing is refused in binary upgrade mode, and no process of ours may connect.
    if (IsBinaryUpgrade) return;
    if (strata::attempts_queue() > 0) strata::pg::install_shared_queue(strata::attempts_queue());
    if (strata::stat_max() > 0) {
      strata::pg::install_shared_counters(strata::stat_max());
      strata::telemetry::install_hooks();
    }
    strata::pg::install_due_databases();
    strata::worker::register_launcher();
  });
}
