// Owns: the start of a worker's process (see process.hpp).
#include "worker/process.hpp"

#include "catalog/registry.hpp"
#include "pg/database_setting.hpp"
#include "pg/guard.hpp"
#include "pg/names.hpp"
#include "settings.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/lmgr.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"
}

namespace strata::worker {
namespace {

// What the configuration or the database's settings say is for clients.
void pin_settings() {
  constexpr struct {
    const char* name;
    const char* value;
  } settings[] = {
      {"role", "none"},
      {"application_name", "pg_strata worker"},
      {"search_path", "pg_catalog, pg_temp"},
      {"lock_timeout", "1s"},           // somebody locks our table: later, and out of the way
      {"synchronous_commit", "local"},  // on disk here; never waiting for a standby
      {"default_transaction_isolation", "read committed"},
      {"default_transaction_read_only", "off"},
      {"default_transaction_deferrable", "off"},
      {"transaction_timeout", "0"},
      {"session_replication_role", "origin"},
      {"row_security", "on"},
      {"intervalstyle", "postgres"},
  };
  for (const auto& setting : settings)
    if (GetConfigOption(setting.name, true, false) != nullptr)
      SetConfigOption(setting.name, setting.value, PGC_SUSET, PGC_S_OVERRIDE);
}

// Raise-kind. DROP EXTENSION locks the extension before its tables, in an order of its own: it
// waits for us, or we for it with nothing locked.
void raw_share_extension() {
  const Oid extension = get_extension_oid("pg_strata", true);
  if (OidIsValid(extension)) LockDatabaseObject(ExtensionRelationId, extension, 0, AccessShareLock);
}

}  // namespace

BackgroundWorkerHandle* start_process(Oid database, const char* function) {
  return pg::call([&] {
    BackgroundWorker worker{};
    snprintf(worker.bgw_name, BGW_MAXLEN, "pg_strata worker for database %u", database);
    strlcpy(worker.bgw_type, "pg_strata worker", BGW_MAXLEN);
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    strlcpy(worker.bgw_library_name, "pg_strata", BGW_MAXLEN);
    strlcpy(worker.bgw_function_name, function, BGW_MAXLEN);
    worker.bgw_main_arg = ObjectIdGetDatum(database);
    worker.bgw_notify_pid = MyProcPid;
    BackgroundWorkerHandle* handle = nullptr;
    return RegisterDynamicBackgroundWorker(&worker, &handle) ? handle : nullptr;
  });
}

void connect_process(Datum database) {
  pqsignal(SIGTERM, die);
  BackgroundWorkerUnblockSignals();
  // What happened while connections were allowed is written though they no longer are.
  BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database), InvalidOid,
                                            BGWORKER_BYPASS_ALLOWCONN);
  pin_settings();
}

void begin_work() {
  pg::call([] {
    SetCurrentStatementStartTimestamp();
    StartTransactionCommand();
    raw_share_extension();
    PushActiveSnapshot(GetTransactionSnapshot());
  });
}

Oid begin_work_on(const char* table) {
  begin_work();
  return catalog::extension_exists() ? pg::relation_oid(pg::schema_oid("strata"), table)
                                     : InvalidOid;
}

bool is_being_restored() {
  const auto set = pg::database_setting("pg_strata.restoring");
  bool on = false;
  return is_restoring() || (set && parse_bool(set->c_str(), &on) && on);
}

void commit_work() {
  pg::call([] {
    PopActiveSnapshot();
    CommitTransactionCommand();
    CHECK_FOR_INTERRUPTS();
  });
}

void lock_out_others(Oid table) {
  LockDatabaseObject(RelationRelationId, table, 1, ExclusiveLock);
}

}  // namespace strata::worker
