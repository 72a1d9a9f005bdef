// Owns: telling and dropping indexes made for versions (see kept_index.hpp).
#include "pg/kept_index.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "commands/comment.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::pg {

bool is_index_partition(Oid index) {
  return call([&] { return get_rel_relispartition(index); });
}

namespace raw {

// A kept index is never one that a constraint or a user's promise of uniqueness stands on.
static bool may_be_kept(Oid index) {
  HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
  if (!HeapTupleIsValid(tuple)) return false;
  auto* row = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
  bool may = !row->indisunique && !row->indisexclusion;
  ReleaseSysCache(tuple);
  return may;
}

}  // namespace raw

bool is_kept_index(Oid index) {
  return call([&] {
    if (!raw::may_be_kept(index)) return false;
    // From 17 on the partitions of an index do not get its comment.
    while (get_rel_relispartition(index))
      index = get_partition_parent(index, false);
    const char* comment = GetComment(index, RelationRelationId, 0);
    return comment != nullptr && strcmp(comment, kKeptComment) == 0;
  });
}

void drop_index(Oid index) {
  call([&] {
    const ObjectAddress address{RelationRelationId, index, 0};
    performDeletion(&address, DROP_RESTRICT, PERFORM_DELETION_INTERNAL | PERFORM_DELETION_QUIETLY);
    CommandCounterIncrement();
  });
}

}  // namespace strata::pg
