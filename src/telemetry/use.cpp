// Owns: nothing (see use.hpp).
#include "telemetry/use.hpp"

#include "pg/relation.hpp"
#include "pg/tree_walk.hpp"
#include "rewrite/copy_rows.hpp"

extern "C" {
#include "access/sysattr.h"
#include "access/xact.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/acl.h"
}

namespace strata::telemetry {
namespace {

using model::Operation;

constexpr AclMode kWrites = ACL_INSERT | ACL_UPDATE | ACL_DELETE;

// Returns what the entry is there for. SELECT ... FOR UPDATE asks for the right to update, but of
// no column.
Operation operation_of(const QueryDesc* query, const StrataPermissions& asked) {
  const AclMode writes = asked.required & kWrites;
  const bool locks_only = query->operation == CMD_SELECT && writes == ACL_UPDATE &&
                          bms_is_empty(const_cast<Bitmapset*>(asked.updated));
  if (writes == 0 || locks_only)
    return query->dest != nullptr && query->dest->mydest == DestCopyOut ? Operation::kCopyTo
                                                                        : Operation::kSelect;
  if (query->operation == CMD_MERGE) return Operation::kMerge;
  if (writes & ACL_INSERT)
    return rewrite::raw::reads_rows(query) ? Operation::kCopyFrom : Operation::kInsert;
  return writes & ACL_UPDATE ? Operation::kUpdate : Operation::kDelete;
}

bool is_write(uint8_t operation) {
  return operation != static_cast<uint8_t>(Operation::kSelect) &&
         operation != static_cast<uint8_t>(Operation::kCopyTo);
}

// Collects the uses of one statement.
class Uses {
 public:
  Uses(Oid role, std::vector<pg::CountedUse>* out) : role_(role), out_(out) {}

  // Adds what a statement does with a view; the relation as a whole comes first. A relation that is
  // named twice is counted once, and so is a column.
  void add_view(const catalog::VersionView& view, Operation operation) {
    view_ = &view;
    again_ = operation == Operation::kMerge || names(view.relation_id);
    add_statement(view.version_id, operation);
    add_column(0, operation);
  }

  void add_columns(const Bitmapset* columns, Operation operation) {
    int bit = -1;
    while ((bit = bms_next_member(const_cast<Bitmapset*>(columns), bit)) >= 0) {
      const int column = bit + FirstLowInvalidHeapAttributeNumber;
      if (column > 0) {
        add_column(column, operation);
      } else if (column == InvalidAttrNumber) {
        // The row as a whole.
        again_ = true;
        for (const auto& [attnum, attribute] : pg::attributes(view_->view))
          add_column(attnum, operation);
      }
    }
  }

 private:
  void push(int64_t version, int64_t relation, int column, Operation operation) {
    pg::CountedUse next{};
    next.version_id = version;
    next.relation_id = relation;
    next.role = role_;
    next.column = static_cast<int16_t>(column);
    next.operation = static_cast<uint8_t>(operation);
    out_->push_back(next);
  }

  // The statement as a whole writes to the version as soon as one of its parts does.
  void add_statement(int64_t version, Operation operation) {
    for (pg::CountedUse& known : *out_) {
      if (known.version_id != version || known.relation_id != 0) continue;
      if (!is_write(known.operation)) known.operation = static_cast<uint8_t>(operation);
      return;
    }
    push(version, 0, 0, operation);
  }

  void add_column(int column, Operation operation) {
    if (again_)
      for (const pg::CountedUse& known : *out_)
        if (known.relation_id == view_->relation_id && known.column == column &&
            known.operation == static_cast<uint8_t>(operation))
          return;
    push(view_->version_id, view_->relation_id, column, operation);
  }

  bool names(int64_t relation) const {
    for (const pg::CountedUse& known : *out_)
      if (known.relation_id == relation) return true;
    return false;
  }

  Oid role_;
  std::vector<pg::CountedUse>* out_;
  const catalog::VersionView* view_ = nullptr;
  bool again_ = false;
};

}  // namespace

void find_uses(const QueryDesc* query, Oid role, std::vector<pg::CountedUse>* out) {
  const PlannedStmt* plan = query->plannedstmt;
  Uses uses(role, out);
  ListCell* cell;
  foreach (cell, plan->rtable) {
    const auto* entry = lfirst_node(RangeTblEntry, cell);
    if (entry->relkind != RELKIND_VIEW || !OidIsValid(entry->relid)) continue;
    const StrataPermissions asked = strata_compat_permissions(plan, entry);
    if (asked.required == 0) continue;
    const catalog::VersionView* view = catalog::registry().view(entry->relid);
    if (view == nullptr) continue;
    const Operation operation = operation_of(query, asked);
    uses.add_view(*view, operation);
    uses.add_columns(asked.selected,
                     operation == Operation::kCopyTo ? operation : Operation::kSelect);
    uses.add_columns(asked.inserted, operation);
    uses.add_columns(asked.updated,
                     operation == Operation::kMerge ? operation : Operation::kUpdate);
  }
}

namespace {

struct Parts {
  List* queries;  // in expressions
};

// Raise-kind. Collects the queries that stand in expressions; their own are for the next call.
bool raw_add_parts(Node* node, Parts* parts) {
  if (node == nullptr) return false;
  if (!IsA(node, SubLink))
    return expression_tree_walker(node, pg::raw::as_walker(raw_add_parts), parts);
  auto* link = reinterpret_cast<SubLink*>(node);
  parts->queries = lappend(parts->queries, link->subselect);
  return raw_add_parts(link->testexpr, parts);
}

// Range tables and WITH are walked by the caller.
const List* queries_in_expressions(const Query* query) {
  Parts parts{};
  pg::call([&] {
    query_tree_walker(const_cast<Query*>(query), pg::raw::as_walker(raw_add_parts), &parts,
                      QTW_IGNORE_RANGE_TABLE | QTW_IGNORE_CTE_SUBQUERIES);
  });
  return parts.queries;
}

}  // namespace

void find_uses(const Query* query, const catalog::Registry& registry, Oid role,
               std::vector<pg::CountedUse>* out) {
  constexpr Operation kOperationOf[] = {Operation::kSelect, Operation::kSelect, Operation::kUpdate,
                                        Operation::kInsert, Operation::kDelete, Operation::kMerge};
  static_assert(CMD_SELECT == 1 && CMD_UPDATE == 2 && CMD_INSERT == 3 && CMD_DELETE == 4 &&
                CMD_MERGE == 5);
  if (query->commandType > CMD_MERGE) return;
  Uses uses(role, out);
  ListCell* cell;
  foreach (cell, query->rtable) {
    const auto* entry = lfirst_node(RangeTblEntry, cell);
    if (entry->rtekind == RTE_SUBQUERY && entry->subquery != nullptr)
      find_uses(entry->subquery, registry, role, out);
    const catalog::VersionView* view =
        entry->relkind == RELKIND_VIEW ? registry.view(entry->relid) : nullptr;
    if (view != nullptr) uses.add_view(*view, kOperationOf[query->commandType]);
  }
  foreach (cell, query->cteList) {
    const Node* part = lfirst_node(CommonTableExpr, cell)->ctequery;
    if (IsA(part, Query)) find_uses(reinterpret_cast<const Query*>(part), registry, role, out);
  }
  const List* const parts = queries_in_expressions(query);
  foreach (cell, parts)
    if (IsA(lfirst(cell), Query)) find_uses(lfirst_node(Query, cell), registry, role, out);
}

}  // namespace strata::telemetry
