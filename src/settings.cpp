// Owns: the GUC variables of the extension (see settings.hpp).
#include "settings.hpp"

#include "pg/default_path.hpp"
#include "pg/guard.hpp"

extern "C" {
#include "access/parallel.h"
#include "utils/guc.h"
#include "utils/varlena.h"
}

namespace strata {
namespace {

int mode_setting = static_cast<int>(Mode::kEnforce);
bool restoring = false;
char* migration_setting = nullptr;
char* ticket_setting = nullptr;
char* rationale_setting = nullptr;
char* source_setting = nullptr;
char* route = nullptr;
char* unit = nullptr;
char* serving = nullptr;
char* gates = nullptr;
int attempts_queue_setting = 256;
int flush_interval_setting = 1000;
bool telemetry_setting = true;
int stat_max_setting = 10000;
int stat_interval_setting = 10000;
int stat_keep_hours_setting = 7 * 24;
int stat_keep_days_setting = 400;
int stat_rows_setting = 1000000;

const config_enum_entry kModes[] = {
    {"enforce", static_cast<int>(Mode::kEnforce), false},
    {"record", static_cast<int>(Mode::kRecord), false},
    {"off", static_cast<int>(Mode::kOff), false},
    {nullptr, 0, false},
};

void (*before_setting)(const char* name) = nullptr;

// Raise-kind, called by the server. What files and ALTER ... SET say was decided when they were
// written; what a client brings along is decided by nobody, so it is logged.
bool turns_off(const char* name, GucSource source) {
  if (source == PGC_S_SESSION) before_setting(name);
  if (source == PGC_S_CLIENT && !IsParallelWorker())
    ereport(LOG, (errmsg("%s is set by the options of the connection", name),
                  errdetail("The guard is not, or not fully, on in this session.")));
  return true;
}

bool check_mode(int* value, void**, GucSource source) {
  return static_cast<Mode>(*value) == Mode::kEnforce || turns_off("pg_strata.mode", source);
}

bool check_restoring(bool* value, void**, GucSource source) {
  return !*value || turns_off("pg_strata.restoring", source);
}

// Raise-kind, as check hooks are: the server says the message as an error, or as a warning where
// the value comes from a file or from ALTER ... SET.
bool check_route(char** value, void**, GucSource) {
  List* names;
  char* const list = pstrdup(*value);
  const bool valid = SplitIdentifierString(list, ',', &names);
  if (!valid) GUC_check_errdetail("It is a list of base schemas, as in: shop, \"Order Desk\".");
  return valid;
}

bool check_serving(char**, void**, GucSource source) {
  if (source == PGC_S_DEFAULT || pg::sets_serving()) return true;
  GUC_check_errcode(ERRCODE_CANT_CHANGE_RUNTIME_PARAM);
  GUC_check_errmsg("parameter \"pg_strata.serving\" cannot be changed");
  return false;
}

// Of the database's settings only: another one would outlive every change of a gate. The server
// warns of one that a role has, and ignores it.
bool check_gates(char** value, void**, GucSource source) {
  if (**value == '\0' || source == PGC_S_DEFAULT || source == PGC_S_DATABASE ||
      source == PGC_S_TEST || pg::sets_serving())
    return true;
  GUC_check_errdetail("pg_strata sets it, for the whole database.");
  return false;
}

void define_routing(const SettingListeners& listeners) {
  DefineCustomStringVariable(
      "pg_strata.route", "The base schemas for which this session is sent to a version.",
      "The version that the gate of each base chooses goes to the front of search_path.", &route,
      "", PGC_USERSET, GUC_LIST_INPUT, check_route, listeners.route_assigned, nullptr);
  DefineCustomStringVariable("pg_strata.unit", "What gates hash instead of the session's user.",
                             "A tenant, for instance. Set it in a transaction, before its first "
                             "query, to have the choice made for the transaction.",
                             &unit, "", PGC_USERSET, 0, nullptr, listeners.unit_assigned, nullptr);
  DefineCustomStringVariable("pg_strata.gates", "A copy of the gates of this database.",
                             "Set by pg_strata among the settings of the database, for sessions "
                             "that connect; strata.gates has the gates.",
                             &gates, "", PGC_SUSET,
                             GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE | GUC_NO_SHOW_ALL,
                             check_gates, nullptr, nullptr);
  DefineCustomStringVariable("pg_strata.serving", "The versions that this session is sent to.",
                             "Set by pg_strata.", &serving, "", PGC_USERSET,
                             GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE, check_serving, nullptr,
                             nullptr);
}

void define_claim(const char* name, const char* description, char** setting) {
  DefineCustomStringVariable(name, description, "Recorded with each change.", setting, "",
                             PGC_USERSET, 0, nullptr, nullptr, nullptr);
}

}  // namespace

Mode mode() noexcept {
  return restoring ? Mode::kOff : static_cast<Mode>(mode_setting);
}

bool is_restoring() noexcept {
  return restoring;
}

const char* migration_name() noexcept {
  return migration_setting;
}

const char* migration_ticket() noexcept {
  return ticket_setting;
}

const char* migration_rationale() noexcept {
  return rationale_setting;
}

const char* migration_source() noexcept {
  return source_setting;
}

const char* route_setting() noexcept {
  return route != nullptr ? route : "";
}

const char* gates_setting() noexcept {
  return gates != nullptr ? gates : "";
}

const char* unit_setting() noexcept {
  return unit != nullptr ? unit : "";
}

int attempts_queue() noexcept {
  return attempts_queue_setting;
}

int flush_interval_ms() noexcept {
  return flush_interval_setting;
}

bool telemetry_on() noexcept {
  return telemetry_setting;
}

int stat_max() noexcept {
  return stat_max_setting;
}

int stat_interval_ms() noexcept {
  return stat_interval_setting;
}

int stat_keep_hours() noexcept {
  return stat_keep_hours_setting;
}

int stat_keep_days() noexcept {
  return stat_keep_days_setting;
}

int stat_rows() noexcept {
  return stat_rows_setting;
}

// Raise-kind.
static void define_telemetry() {
  DefineCustomBoolVariable("pg_strata.telemetry", "Counts what clients use of versions.", nullptr,
                           &telemetry_setting, true, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable(
      "pg_strata.stat_max", "How many counters of what clients use are kept in memory.",
      "Each takes 170 bytes of shared memory. They are written into strata.usage every "
      "pg_strata.stat_interval; when there are too many until then, those used the longest ago "
      "go. 0 turns counting off.",
      &stat_max_setting, 10000, 0, 1000000, PGC_POSTMASTER, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable(
      "pg_strata.stat_interval", "How often counters are written into strata.usage.",
      "What was counted since is lost when the server crashes.", &stat_interval_setting, 10000, 100,
      3600 * 1000, PGC_SIGHUP, GUC_UNIT_MS, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("pg_strata.stat_keep_hours",
                          "For how many hours what was used in each hour is kept.", nullptr,
                          &stat_keep_hours_setting, 7 * 24, 1, 24 * 3660, PGC_SIGHUP, 0, nullptr,
                          nullptr, nullptr);
  DefineCustomIntVariable("pg_strata.stat_keep_days",
                          "For how many days what was used on each day, and since ever, is kept.",
                          nullptr, &stat_keep_days_setting, 400, 1, 36600, PGC_SIGHUP, 0, nullptr,
                          nullptr, nullptr);
  DefineCustomIntVariable("pg_strata.stat_rows", "How many rows strata.usage may have.",
                          "Of more, the oldest go: hours, then days, then what is not used.",
                          &stat_rows_setting, 1000000, 1000, INT_MAX, PGC_SIGHUP, 0, nullptr,
                          nullptr, nullptr);
}

void define_settings(const SettingListeners& listeners) {
  before_setting = listeners.before_setting;
  pg::call([&] {
    DefineCustomEnumVariable("pg_strata.mode", "What pg_strata does with DDL on tracked schemas.",
                             "enforce: keeps versions right and refuses what would break one; "
                             "record: keeps them as right as "
                             "it can and refuses nothing; off: does nothing.",
                             &mode_setting, static_cast<int>(Mode::kEnforce), kModes, PGC_SUSET, 0,
                             check_mode, nullptr, nullptr);
    DefineCustomBoolVariable(
        "pg_strata.restoring", "Set by strata.pre_restore() and reset by strata.post_restore().",
        "While it is on, pg_strata lets all DDL pass untouched.", &restoring, false, PGC_SUSET,
        GUC_NOT_IN_SAMPLE, check_restoring, nullptr, nullptr);
    DefineCustomIntVariable(
        "pg_strata.attempts_queue",
        "How many refused or failed statements may wait until they are written.",
        "Each takes 8 kB of shared memory. What comes while the queue is full is logged and "
        "counted, not kept. 0 turns the queue and its background processes off.",
        &attempts_queue_setting, 256, 0, 4096, PGC_POSTMASTER, 0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("pg_strata.flush_interval",
                            "How long refused or failed statements wait until they are written.",
                            nullptr, &flush_interval_setting, 1000, 10, 60000, PGC_SIGHUP,
                            GUC_UNIT_MS, nullptr, nullptr, nullptr);
    define_telemetry();
    define_claim("pg_strata.migration", "The name of the migration that this session runs.",
                 &migration_setting);
    define_claim("pg_strata.ticket", "The ticket that the changes of this session belong to.",
                 &ticket_setting);
    define_claim("pg_strata.rationale", "Why this session makes its changes.", &rationale_setting);
    define_claim("pg_strata.source",
                 "Where the changes of this session come from: a commit, a file, a URL.",
                 &source_setting);
    define_routing(listeners);
    MarkGUCPrefixReserved("pg_strata");
  });
}

}  // namespace strata
