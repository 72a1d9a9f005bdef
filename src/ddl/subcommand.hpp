// Facts about the subcommands of ALTER TABLE that follow from their kind alone.
#pragma once

#include "pg/prelude.hpp"

namespace strata::ddl {

// Returns false for subcommands that surely leave it as it was which columns an INSERT must fill.
bool may_restrict_inserts(AlterTableType subtype);

}  // namespace strata::ddl
