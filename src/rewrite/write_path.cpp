// Owns: the order in which writes are looked at (see write_path.hpp).
#include "rewrite/write_path.hpp"

#include "catalog/registry.hpp"
#include "pg/names.hpp"
#include "rewrite/mapping_cache.hpp"
#include "rewrite/mapping_tree.hpp"
#include "rewrite/nested.hpp"
#include "rewrite/retarget.hpp"

extern "C" {
#include "access/table.h"
}

namespace strata::rewrite {
namespace {

// Returns the view that the query writes to; InvalidOid when it writes to none.
Oid written_view(const Query* query) {
  if (query->commandType == CMD_SELECT || query->commandType == CMD_UTILITY ||
      query->resultRelation == 0)
    return InvalidOid;
  const RangeTblEntry* entry = rt_fetch(query->resultRelation, query->rtable);
  return entry->relkind == RELKIND_VIEW ? entry->relid : InvalidOid;
}

// Returns the query inside a utility statement that is analyzed with it; null when there is none.
Query* inner_query(const Query* query) {
  if (query->commandType != CMD_UTILITY) return nullptr;
  Node* inner = nullptr;
  if (IsA(query->utilityStmt, ExplainStmt))
    inner = reinterpret_cast<ExplainStmt*>(query->utilityStmt)->query;
  else if (IsA(query->utilityStmt, CreateTableAsStmt))
    inner = reinterpret_cast<CreateTableAsStmt*>(query->utilityStmt)->query;
  else if (IsA(query->utilityStmt, DeclareCursorStmt))
    inner = reinterpret_cast<DeclareCursorStmt*>(query->utilityStmt)->query;
  return inner != nullptr && IsA(inner, Query) ? reinterpret_cast<Query*>(inner) : nullptr;
}

void refuse_orphan(const catalog::VersionView& view) {
  throw Error(
      sqlstate::kContractViolation,
      fmt::format("cannot write to version view {}", pg::relation_display(view.view)),
      "The relation it read is gone, so it shows no rows and has nowhere to store any.",
      "Create the relation again, or retire the version with strata.retire(base, version).");
}

bool reads_base(const catalog::VersionView& view) {
  return view.kind != catalog::Kind::kView;
}

// The server goes on with what we made of the query, so the locks stay.
void through_version(Query* query, Oid view_oid) {
  const catalog::VersionView view = *catalog::registry().view(view_oid);
  if (!OidIsValid(view.base)) refuse_orphan(view);
  const Relation base = pg::call([&] { return table_open(view.base, RowExclusiveLock); });
  const WriteMapping& mapping = mapping_of(view);
  pg::call([&] {
    Relation rel = table_open(view.view, NoLock);
    raw::retarget(query, rel, base, &mapping);
    table_close(rel, NoLock);
    table_close(base, NoLock);
  });
}

void through_plain_view(Query* query, Oid view, Oid below) {
  pg::call([&] {
    Relation base = table_open(below, RowExclusiveLock);
    Relation rel = table_open(view, NoLock);
    raw::retarget(query, rel, base, raw::plain_mapping(rel, below));
    table_close(rel, NoLock);
    table_close(base, NoLock);
  });
}

// Returns the view below, when updatable views lead from `view` to a version view; else InvalidOid.
Oid step_towards_version(Oid view, CmdType command) {
  const Oid below = passes_writes_to(view, command);
  if (!OidIsValid(below)) return InvalidOid;
  const catalog::VersionView* version = catalog::registry().view(below);
  if (version != nullptr && reads_base(*version)) return below;
  return OidIsValid(step_towards_version(below, command)) ? below : InvalidOid;
}

void retarget_to_base(Query* query) {
  for (Oid target = written_view(query); OidIsValid(target); target = written_view(query)) {
    const catalog::VersionView* version = catalog::registry().view(target);
    if (version != nullptr && reads_base(*version)) {
      through_version(query, target);
      continue;
    }
    const Oid below = step_towards_version(target, query->commandType);
    if (!OidIsValid(below)) return;
    through_plain_view(query, target, below);
  }
}

}  // namespace

bool may_write_to_view(const Query* query) {
  if (const Query* inner = inner_query(query)) return may_write_to_view(inner);
  return query->hasModifyingCTE || OidIsValid(written_view(query));
}

void rewrite_writes(Query* query) {
  if (Query* inner = inner_query(query)) return rewrite_writes(inner);
  ListCell* cell;
  foreach (cell, query->cteList) {
    Node* part = lfirst_node(CommonTableExpr, cell)->ctequery;
    if (IsA(part, Query)) rewrite_writes(reinterpret_cast<Query*>(part));
  }
  retarget_to_base(query);
}

}  // namespace strata::rewrite
