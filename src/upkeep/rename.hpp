// What the registry itself must follow: names of base columns and of base schemas.
//
// Called after the statement (ddl_path.cpp).
#pragma once

#include "ddl/statement.hpp"

namespace strata::upkeep {

// Brings the registry's names up to date after a RENAME. Views follow by themselves.
void follow_renames(const ddl::Statement& statement);

// Lets go of the names of columns that the statement dropped.
void forget_drops(const ddl::Statement& statement);

}  // namespace strata::upkeep
