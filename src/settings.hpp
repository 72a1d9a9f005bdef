// The extension's settings; defined once by extension.cpp.
#pragma once

namespace strata {

enum class Mode { kOff, kRecord, kEnforce };

// Returns pg_strata.mode, or kOff while the extension is being restored (strata.pre_restore()).
Mode mode() noexcept;

// Defines the settings. Called once from _PG_init. `before_setting` is called with the name of a
// setting that is about to turn the guard off in this session, by whatever way; it may raise.
void define_settings(void (*before_setting)(const char* name));

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
