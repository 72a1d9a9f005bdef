// Which tracked schema a statement is about.
#pragma once

#include "catalog/registry.hpp"
#include "ddl/closure.hpp"
#include "ddl/statement.hpp"

namespace strata::ddl {

// Returns the tracked schema of what the statement names: a relation of it or of one of its
// versions, an object in it, or the schema itself. Null when it names none.
const catalog::BaseSchema* base_of(const catalog::Registry& registry, const Statement& statement);

// Returns the tracked schema that the parse tree names, as text: for statements that cannot or must
// not look up what they name. Null when it names none.
const catalog::BaseSchema* base_named_in(const catalog::Registry& registry, const Node* tree);

// Returns the tracked schema of the version that a drop hits; null when it is gone.
const catalog::BaseSchema* base_of(const catalog::Registry& registry, const Hit& hit);

}  // namespace strata::ddl
