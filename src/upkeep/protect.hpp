// What DDL may not touch at all: version views, their schemas, and the extension while versions
// live.
//
// Called by the hooks and, before the statement, by ddl_path.cpp.
#pragma once

#include "catalog/registry.hpp"
#include "ddl/closure.hpp"
#include "ddl/statement.hpp"

namespace strata::upkeep {

// Returns true when `protect` may have something to say about this node; a switch on the tag.
bool protects(const Node* tree);

// Raises ST005 for DROP EXTENSION pg_strata while versions live, ST009 for taking it apart.
void protect(Node* tree);

// Raises ST009 when the statement changes a version view or renames a version schema.
void refuse_version_targets(const catalog::Registry& registry, const ddl::Statement& statement,
                            Node* tree);

// Raises ST009 for a drop that names a version view or schema.
[[noreturn]] void protect_hit(const catalog::Registry& registry, const ddl::Hit& hit);

// Raises ST009 when a version view or schema is dropped by anything but strata.retire(): the net
// under the checks above, called from object_access_hook for every object a DROP takes along.
void protect_from_drop(Oid classid, Oid object, int32_t subid);

// Returns true when the current user may run the statement on each relation it names, as far as
// that is ownership or a table privilege; otherwise core refuses, and no lock may be taken for it.
bool may_run(const ddl::Statement& statement);

}  // namespace strata::upkeep
