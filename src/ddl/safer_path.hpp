// The safer way to do what a statement does, as SQL with the statement's own names.
#pragma once

#include "model/facts.hpp"
#include "pg/guard.hpp"

namespace strata::ddl {

// Returns statements to run instead, one per line, with comments where something has to be decided
// or waited for; empty when there is nothing better to do.
std::string safer_path(Node* tree, const model::StatementFacts& facts);

}  // namespace strata::ddl
