// The extension's settings; defined once by extension.cpp.
#pragma once

namespace strata {

enum class Mode { kOff, kRecord, kEnforce };

// Returns pg_strata.mode, or kOff while the extension is being restored (strata.pre_restore()).
Mode mode() noexcept;

// Who is told of settings.
struct SettingListeners {
  // Called with the name of a setting that is about to turn the guard off in this session, by
  // whatever way; may raise.
  void (*before_setting)(const char* name);
  // Called with the new values of pg_strata.route and pg_strata.unit, where nothing may raise.
  void (*route_assigned)(const char* value, void* extra);
  void (*unit_assigned)(const char* value, void* extra);
};

// Defines the settings. Called once from _PG_init.
void define_settings(const SettingListeners& listeners);

// Returns pg_strata.route: the base schemas that this session is routed by, a list of identifiers.
const char* route_setting() noexcept;

// Returns pg_strata.gates: the copy of the gates that the database had when this session connected.
const char* gates_setting() noexcept;

// Returns pg_strata.unit; empty when not set.
const char* unit_setting() noexcept;

// Returns pg_strata.attempts_queue: how many refused or failed statements may wait to be written;
// 0: none is kept, and no process is started. The same while the server runs.
int attempts_queue() noexcept;

// Returns pg_strata.flush_interval in milliseconds.
int flush_interval_ms() noexcept;

// Returns pg_strata.telemetry: whether it is counted what this session uses of versions.
bool telemetry_on() noexcept;

// Returns pg_strata.stat_max: how many counters are kept in memory; 0: nothing is counted. The same
// while the server runs.
int stat_max() noexcept;

// Returns pg_strata.stat_interval in milliseconds.
int stat_interval_ms() noexcept;

// Returns pg_strata.stat_keep_hours and stat_keep_days.
int stat_keep_hours() noexcept;
int stat_keep_days() noexcept;

// Returns pg_strata.stat_rows: how many rows strata.usage may have.
int stat_rows() noexcept;

// What this session says of the changes it makes: pg_strata.migration, ticket, rationale and
// source. Empty when not set; claims, not proofs.
const char* migration_name() noexcept;
const char* migration_ticket() noexcept;
const char* migration_rationale() noexcept;
const char* migration_source() noexcept;

// Returns true between strata.pre_restore() and strata.post_restore().
bool is_restoring() noexcept;

}  // namespace strata
