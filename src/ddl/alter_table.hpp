// Facts about ALTER TABLE and about changes of a composite type's attributes.
#pragma once

#include "ddl/statement.hpp"

namespace strata::ddl {

// Adds what ALTER TABLE, or ALTER TYPE of a composite type, changes.
void alter_table(Statement& out, AlterTableStmt* stmt);

// Adds the composite type of that name, whose attributes change.
void alter_type_attributes(Statement& out, RangeVar* name);

}  // namespace strata::ddl
