// The relations that a query names, from its parse tree.
#pragma once

#include "ddl/facts_builder.hpp"

namespace strata::ddl {

// Returns the relations that the query, as the parser leaves it, names anywhere; a name that a WITH
// clause gives is none.
std::vector<Oid> sources_of(const FactsBuilder& builder, Node* query);

}  // namespace strata::ddl
