// DEFAULT in the rows of INSERT ... VALUES. Raise-kind.
#pragma once

#include "rewrite/write_mapping.hpp"

namespace strata::rewrite::raw {

// Puts the view's defaults in place of DEFAULT in rows of VALUES of an INSERT into the view, where
// it has one, and NULL where a base column is computed from the column. Columns for which all rows
// say DEFAULT leave the target list. Returns, by column of the view, what is true in rows that said
// DEFAULT where the view has none; null when there is no such column.
Node** resolve_values(Query* query, const WriteMapping* mapping);

}  // namespace strata::rewrite::raw
