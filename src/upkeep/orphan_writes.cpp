// Owns: the refusal of writes to orphans (see orphan_writes.hpp).
#include "upkeep/orphan_writes.hpp"

#include "catalog/registry.hpp"
#include "pg/names.hpp"

namespace strata::upkeep {
namespace {

// Returns the view that the query writes to; InvalidOid when it writes to none.
Oid written_view(const Query* query) {
  if (query->commandType == CMD_SELECT || query->commandType == CMD_UTILITY ||
      query->resultRelation == 0)
    return InvalidOid;
  const RangeTblEntry* entry = rt_fetch(query->resultRelation, query->rtable);
  return entry->relkind == RELKIND_VIEW ? entry->relid : InvalidOid;
}

}  // namespace

bool may_write_to_view(const Query* query) {
  return query->hasModifyingCTE || OidIsValid(written_view(query));
}

void refuse_orphan_write(const Query* query) {
  const catalog::VersionView* view = catalog::registry().view(written_view(query));
  if (view != nullptr && !OidIsValid(view->base) &&
      (view->kind == catalog::Kind::kTable || view->kind == catalog::Kind::kPartition))
    throw Error(
        sqlstate::kContractViolation,
        fmt::format("cannot write to version view {}", pg::relation_display(view->view)),
        "The relation it read is gone, so it shows no rows and has nowhere to store any.",
        "Create the relation again, or retire the version with strata.retire(base, version).");
  ListCell* cell;
  foreach (cell, query->cteList) {
    const Node* part = lfirst_node(CommonTableExpr, cell)->ctequery;
    if (IsA(part, Query)) refuse_orphan_write(reinterpret_cast<const Query*>(part));
  }
}

}  // namespace strata::upkeep
