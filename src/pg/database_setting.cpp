// Owns: reading and writing rows of pg_db_role_setting (see database_setting.hpp).
#include "pg/database_setting.hpp"

#include "pg/internal_ddl.hpp"
#include "pg/session.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_db_role_setting.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"
}

namespace strata::pg {
namespace raw {

// Begins to read what is set for the database and no role.
static SysScanDesc settings_of_database(Relation rel, Snapshot snapshot) {
  ScanKeyData key[2];
  ScanKeyInit(&key[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(MyDatabaseId));
  ScanKeyInit(&key[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(InvalidOid));
  return systable_beginscan(rel, DbRoleSettingDatidRolidIndexId, true, snapshot, 2, key);
}

// Returns null when there is none.
static char* database_setting(const char* name) {
  char* out = nullptr;
  Relation rel = table_open(DbRoleSettingRelationId, AccessShareLock);
  SysScanDesc scan = settings_of_database(rel, nullptr);
  HeapTuple tuple = systable_getnext(scan);
  bool isnull = true;
  Datum settings = HeapTupleIsValid(tuple) ? heap_getattr(tuple, Anum_pg_db_role_setting_setconfig,
                                                          RelationGetDescr(rel), &isnull)
                                           : Datum{0};
  if (!isnull) {
    Datum* items;
    int count;
    deconstruct_array(DatumGetArrayTypeP(settings), TEXTOID, -1, false, TYPALIGN_INT, &items,
                      nullptr, &count);
    const size_t length = strlen(name);
    for (int i = 0; i < count; i++) {
      char* item = TextDatumGetCString(items[i]);
      if (pg_strncasecmp(item, name, length) == 0 && item[length] == '=') out = item + length + 1;
    }
  }
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return out;
}

// AlterSetting takes no lock on the row: it fails where somebody else's ALTER DATABASE is under
// way.
static TransactionId writer_of_settings() {
  SnapshotData dirty;
  InitDirtySnapshot(dirty);
  Relation rel = table_open(DbRoleSettingRelationId, AccessShareLock);
  SysScanDesc scan = settings_of_database(rel, &dirty);
  TransactionId writer = InvalidTransactionId;
  while (!TransactionIdIsValid(writer) && HeapTupleIsValid(systable_getnext(scan)))
    writer = TransactionIdIsValid(dirty.xmin) ? dirty.xmin : dirty.xmax;
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return writer;
}

static void set_database_setting(const char* name, const char* value) {
  VariableSetStmt* stmt = makeNode(VariableSetStmt);
  stmt->name = pstrdup(name);
  stmt->kind = value != nullptr ? VAR_SET_VALUE : VAR_RESET;
  if (value != nullptr) {
    A_Const* constant = makeNode(A_Const);
    constant->val.sval.type = T_String;
    constant->val.sval.sval = pstrdup(value);
    constant->location = -1;
    stmt->args = list_make1(constant);
  }
  AlterSetting(MyDatabaseId, InvalidOid, stmt);
}

}  // namespace raw

void wait_for_database_settings() {
  call([] {
    while (const TransactionId writer = raw::writer_of_settings())
      XactLockTableWait(writer, nullptr, nullptr, XLTW_None);
  });
}

void lock_database_settings() {
  // Before our own lock, which that one may be going to wait for.
  wait_for_database_settings();
  call([] {
    // A number of its own: the database's other locks have 0 there.
    LockSharedObject(DbRoleSettingRelationId, MyDatabaseId, 1, ShareUpdateExclusiveLock);
    InvalidateCatalogSnapshot();
  });
}

std::optional<std::string> database_setting(const char* name) {
  const char* const value = call([&] { return raw::database_setting(name); });
  if (value == nullptr) return std::nullopt;
  return value;
}

void set_database_setting(const char* name, const std::optional<std::string>& value) {
  const InternalDdl ours;
  const ActAs superuser(BOOTSTRAP_SUPERUSERID);
  call([&] { raw::set_database_setting(name, value ? value->c_str() : nullptr); });
}

std::string database_identity() {
  // Not by fmt: nothing else of it is needed while a session connects, and touching its code for
  // the first time in a process costs more than all the rest.
  return std::to_string(GetSystemIdentifier()) + "/" + std::to_string(MyDatabaseId);
}

}  // namespace strata::pg
