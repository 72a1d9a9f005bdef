// Facts about statements that take a name away: RENAME and SET SCHEMA.
#pragma once

#include "ddl/statement.hpp"

namespace strata::ddl {

// Adds the names that RENAME changes, and the relations it locks.
void rename(Statement& out, RenameStmt* stmt);

// Adds the relation that SET SCHEMA moves.
void set_schema(Statement& out, AlterObjectSchemaStmt* stmt);

}  // namespace strata::ddl
