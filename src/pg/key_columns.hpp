// Which columns constraints and unique indexes are on.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns, by name, the columns of the relation's constraints and of its unique indexes.
std::map<std::string, std::vector<AttrNumber>> key_columns(Oid relation);

}  // namespace strata::pg
