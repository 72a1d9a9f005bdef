// The extension's settings; defined once by extension.cpp.
#pragma once

namespace strata {

enum class Mode { kOff, kRecord, kEnforce };

// Returns pg_strata.mode, or kOff while the extension is being restored (strata.pre_restore()).
Mode mode() noexcept;

// Defines the settings. Called once from _PG_init.
void define_settings();

// Returns true between strata.pre_restore() and strata.post_restore().
bool is_restoring() noexcept;

}  // namespace strata
