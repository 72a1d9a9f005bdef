// Write mappings from the stored queries of views. Raise-kind.
#pragma once

#include "rewrite/write_mapping.hpp"

namespace strata::rewrite::raw {

// A base column by the number that inverse views use, and what the author said of it.
struct NumberedColumn {
  int32 number;
  AttrNumber attnum;
  bool guarded;
};

// Returns the mapping of a version view over `base`, with an inverse view or without (InvalidOid);
// `numbers` are the base columns that the inverse view's outputs are named after. Raises ST006 when
// an output fits none.
WriteMapping* version_mapping(Oid view, Oid base, Oid inverse, const NumberedColumn* numbers,
                              int count);

// Returns the mapping of an updatable view of somebody else's over `base`: columns that are no
// plain columns of it cannot be written.
WriteMapping* plain_mapping(Relation view, Oid base);

// Returns true when a column of the view is the base column, or a cast of it.
bool shows(const WriteMapping* mapping, AttrNumber attnum);

}  // namespace strata::rewrite::raw
