// Indexes that serve look-ups through a mapping: copies of a column's indexes with the column
// replaced by the expression the version view reads.
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
// serve exclusion constraints.
std::vector<IndexShape> index_shapes(Oid relation, const std::vector<AttrNumber>& columns);

// Makes, in the current transaction, the index that is `shape` with column `attnum` replaced by
// what column `position` of `view` reads, unless that is the bare column or such an index is there.
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

// Returns true when the index is a part of an index of a partitioned table.
bool is_index_partition(Oid index);
// Returns true when the index was made for versions. Its comment says so, which the server keeps
// through renames, rebuilds, dumps and restores.
bool is_kept_index(Oid index);

// Drops an index of ours that serves a mapping.
void drop_index(Oid index);

}  // namespace strata::pg
