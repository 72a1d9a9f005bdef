// Indexes that serve look-ups through a mapping: copies of a column's indexes with the column
// replaced by the expression the version view reads.
#pragma once

#include "pg/index_shape.hpp"

namespace strata::pg {

// Makes, in the current transaction, the index that is `shape` with column `attnum` replaced by
// what column `position` of `view` reads, unless that is the bare column, such an index is there or
// a column of `shape` is gone.
// Returns the new index or InvalidOid. The index is never unique: values that the old type cannot
// hold may share a key. Raises ST004 when the expression is not immutable.
Oid make_index_for(const IndexShape& shape, AttrNumber attnum, Oid view, Oid base, int position);

// Returns true when a key or the predicate of the index is made of an expression that the view
// reads in place of a column.
bool index_serves(Oid index, Oid view, Oid base);

// Returns, as SQL, an index like `shape` of what column `position` of `view` reads in place of
// column `attnum`; empty when no index can stand on that, because it is not immutable; none when
// there is such an index.
std::optional<std::string> index_sql_for(const IndexShape& shape, AttrNumber attnum, Oid view,
                                         Oid base, int position);

}  // namespace strata::pg
