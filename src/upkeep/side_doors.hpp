// Ways to change what guards that are no utility statements: settings that a function sets, rows of
// system catalogs.
#pragma once

#include "pg/guard.hpp"

namespace strata::upkeep {

// Raises ST001 when policies do not let the setting be changed now. Raise-kind: called by the
// server.
void before_setting(const char* name);

// Raises ST001 when COPY writes a system catalog and policies do not let that pass.
void before_copy(const CopyStmt* copy);

// Installs the hook that sees writes to catalogs. Called once.
void install_side_doors();

}  // namespace strata::upkeep
