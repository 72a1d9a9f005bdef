// ALTER DOMAIN under versions whose inserts leave columns of the domain out.
#pragma once

#include "ddl/statement.hpp"

namespace strata::upkeep {

// Raises ST004, before anything is locked, when SET NOT NULL, DROP DEFAULT or a new CHECK of a
// domain would make inserts through a live version fail: the rule of insertability.hpp.
void refuse_domain(const ddl::Statement& statement, Node* tree);

}  // namespace strata::upkeep
