// Facts about DROP and DROP OWNED.
#pragma once

#include "ddl/statement.hpp"

namespace strata::ddl {

// Adds the objects that DROP names, and the relations it locks.
void drop(Statement& out, DropStmt* stmt);

// Adds what belongs to the roles, of those the caller acts for.
void drop_owned(Statement& out, DropOwnedStmt* stmt);

}  // namespace strata::ddl
