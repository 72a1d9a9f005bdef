// Owns: telling and dropping indexes made for versions (see kept_index.hpp).
#include "pg/kept_index.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "commands/comment.h"
#include "utils/lsyscache.h"
}

namespace strata::pg {

bool is_index_partition(Oid index) {
  return call([&] { return get_rel_relispartition(index); });
}

bool is_kept_index(Oid index) {
  return call([&] {
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
