// Owns: session scopes (see session.hpp).
#include "pg/session.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/rls.h"
}

namespace strata::pg {

ActAs::ActAs(Oid role) noexcept {
  GetUserIdAndSecContext(&user_, &context_);
  SetUserIdAndSecContext(role, context_ | SECURITY_LOCAL_USERID_CHANGE);
}

ActAs::ActAs(Oid role, Restricted) noexcept : ActAs(role) {
  SetUserIdAndSecContext(role,
                         context_ | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
}

ActAs::~ActAs() {
  SetUserIdAndSecContext(user_, context_);
}

bool replays_dump() {
  return !check_function_bodies && !row_security &&
         call([] { return superuser_arg(GetAuthenticatedUserId()); });
}

namespace raw {

static ActingAs act(Oid role, int flags) {
  ActingAs saved;
  GetUserIdAndSecContext(&saved.user, &saved.context);
  SetUserIdAndSecContext(role, saved.context | flags);
  return saved;
}

ActingAs act_as(Oid role) {
  return act(role, SECURITY_LOCAL_USERID_CHANGE);
}

ActingAs act_restricted_as(Oid role) {
  return act(role, SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
}

void stop_acting(const ActingAs& saved) {
  SetUserIdAndSecContext(saved.user, saved.context);
}

}  // namespace raw

namespace raw {

static void set(const char* name, const char* value) {
  (void)set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

static bool writes_iso_dates() {
  return DateStyle == USE_ISO_DATES && DateOrder == DATEORDER_MDY;
}

static bool is_in_utc() {
  const char* zone = pg_get_timezone_name(session_timezone);
  return strcmp(zone, "UTC") == 0 || strcmp(zone, "Etc/UTC") == 0;
}

static bool formats_are_ours() {
  return writes_iso_dates() && IntervalStyle == INTSTYLE_POSTGRES && is_in_utc() &&
         extra_float_digits == 1 && !quote_all_identifiers;
}

// Setting costs more than asking.
static void set_formats() {
  if (!writes_iso_dates()) set("datestyle", "ISO, MDY");
  if (IntervalStyle != INTSTYLE_POSTGRES) set("intervalstyle", "postgres");
  if (!is_in_utc()) set("timezone", "UTC");
  if (extra_float_digits != 1) set("extra_float_digits", "1");
  if (quote_all_identifiers) set("quote_all_identifiers", "off");
}

}  // namespace raw

PinnedSearchPath::PinnedSearchPath(const std::string& path)
    : level_(call([&] {
        int level = NewGUCNestLevel();
        raw::set("search_path", path.c_str());
        return level;
      })) {}

PinnedSearchPath::~PinnedSearchPath() {
  AtEOXact_GUC(true, level_);
}

// To leave a level is to look through all settings there are.
PinnedFormats::PinnedFormats()
    : level_(call([] {
        if (raw::formats_are_ours()) return 0;
        int level = NewGUCNestLevel();
        raw::set_formats();
        return level;
      })) {}

PinnedFormats::~PinnedFormats() {
  if (level_ != 0) AtEOXact_GUC(true, level_);
}

PinnedForDefinitions::PinnedForDefinitions()
    : level_(call([] {
        int level = NewGUCNestLevel();
        raw::set("search_path", "pg_catalog, pg_temp");
        raw::set_formats();
        return level;
      })) {}

PinnedForDefinitions::~PinnedForDefinitions() {
  AtEOXact_GUC(true, level_);
}

Quiet::Quiet()
    : level_(call([] {
        int level = NewGUCNestLevel();
        if (client_min_messages < WARNING)
          (void)set_config_option("client_min_messages", "warning", PGC_USERSET, PGC_S_SESSION,
                                  GUC_ACTION_SAVE, true, 0, false);
        return level;
      })) {}

Quiet::~Quiet() {
  AtEOXact_GUC(true, level_);
}

Subtransaction::Subtransaction() : context_(CurrentMemoryContext), owner_(CurrentResourceOwner) {
  call([] { BeginInternalSubTransaction(nullptr); });
  MemoryContextSwitchTo(context_);
}

// Its end brings back what it was.
Subtransaction::Subtransaction(ReadOnly) : Subtransaction() {
  XactReadOnly = true;
}

void Subtransaction::commit() {
  call([] { ReleaseCurrentSubTransaction(); });
  MemoryContextSwitchTo(context_);
  CurrentResourceOwner = owner_;
  open_ = false;
}

Subtransaction::~Subtransaction() {
  if (!open_) return;
  // Rolling back raises only when the server is beyond help, and then it escalates by itself.
  RollbackAndReleaseCurrentSubTransaction();
  MemoryContextSwitchTo(context_);
  CurrentResourceOwner = owner_;
}

MemoryContext make_context(const char* name) {
  return call([&] {
    return AllocSetContextCreateInternal(CurrentMemoryContext, name, ALLOCSET_SMALL_SIZES);
  });
}

namespace raw {

static Oid extension_owner() {
  Relation rel = table_open(ExtensionRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
              CStringGetDatum("pg_strata"));
  SysScanDesc scan = systable_beginscan(rel, ExtensionNameIndexId, true, nullptr, 1, &key);
  HeapTuple tuple = systable_getnext(scan);
  Oid owner = HeapTupleIsValid(tuple)
                  ? reinterpret_cast<Form_pg_extension>(GETSTRUCT(tuple))->extowner
                  : InvalidOid;
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  if (!OidIsValid(owner)) elog(ERROR, "extension \"pg_strata\" is not installed");
  return owner;
}

}  // namespace raw

Oid extension_owner() {
  return call([] { return raw::extension_owner(); });
}

uint32_t command_number() {
  return call([] { return GetCurrentCommandId(false); });
}

void command_counter_increment() {
  call([] { CommandCounterIncrement(); });
}

}  // namespace strata::pg
