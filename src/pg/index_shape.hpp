// The indexes of a relation as definitions, which can be made anew over other expressions.
//
// Called before a statement changes columns, and by mapping_index.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// An index as it was before a statement: its definition with key columns as expressions.
struct IndexShape {
  Oid relation = InvalidOid;
  Oid index = InvalidOid;
  std::vector<AttrNumber> columns;  // table columns its keys, expressions and predicate read
  IndexStmt* definition = nullptr;  // palloc'd where index_shapes was called
};

// Returns the valid indexes of the relation that read one of the columns, without those that only
// serve exclusion constraints or read the whole row.
std::vector<IndexShape> index_shapes(Oid relation, const std::vector<AttrNumber>& columns);

namespace raw {

struct RawShape {
  Oid index;
  IndexStmt* definition;
  Bitmapset* columns;
};

struct RawShapes {
  int count;
  RawShape* items;
};

// Raise-kind. Returns the indexes that may read one of the columns; all when `columns` is null.
RawShapes index_shapes(Oid relation, const Bitmapset* columns);

}  // namespace raw

}  // namespace strata::pg
