// Adoption: a type that a live contract still shows and that DDL drops moves into the version's
// schema.
//
// What migration tools emit for a changed enum (new type, ALTER COLUMN ... TYPE new USING
// column::text::new, rename both, DROP TYPE old) passes unchanged, and clients of old versions
// still find their type under its old name.
#pragma once

#include "catalog/registry.hpp"
#include "ddl/closure.hpp"
#include "ddl/statement.hpp"

extern "C" {
#include "nodes/plannodes.h"
}

namespace strata::upkeep {

// Returns true when core itself refuses the statement, and says better why: the hit is on a type
// that something else than versions uses too.
bool left_to_core(const ddl::Statement& statement, const ddl::Hit& hit);

// Returns true when the hit is on a type that the statement drops by name and that nothing but
// version views uses any more.
bool adoptable(const ddl::Statement& statement, const std::vector<ddl::Hit>& hits,
               const ddl::Hit& hit);

// Moves such types, with a NOTICE each. Puts a copy without them in place of *planned for the
// server to run; returns true when nothing is left to run.
bool adopt_types(PlannedStmt** planned, const ddl::Statement& statement,
                 const std::vector<ddl::Hit>& hits);

}  // namespace strata::upkeep
