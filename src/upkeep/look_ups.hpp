// Look-ups through versions keep using an index when a column is read through a conversion.
#pragma once

#include "pg/index_shape.hpp"
#include "pg/relation.hpp"

namespace strata::upkeep {

// Returns true when one of the indexes is on the column.
bool indexed(const std::vector<pg::IndexShape>& shapes, AttrNumber attnum);

// Makes, with a NOTICE each and unless there is one, the index that `shapes` have on column
// `attnum` of `base` over what the version view reads in its place. Raises ST004 when that is not
// immutable.
void serve_look_ups(Oid view, Oid base, AttrNumber attnum,
                    const std::vector<pg::IndexShape>& shapes);

}  // namespace strata::upkeep
