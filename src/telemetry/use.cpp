// Owns: nothing (see use.hpp).
#include "telemetry/use.hpp"

#include "pg/relation.hpp"
#include "rewrite/copy_rows.hpp"

extern "C" {
#include "access/sysattr.h"
#include "access/xact.h"
#include "parser/parsetree.h"
#include "utils/acl.h"
}

namespace strata::telemetry {
namespace {

using model::Operation;

constexpr AclMode kWrites = ACL_INSERT | ACL_UPDATE | ACL_DELETE;

pg::CountedUse use_of(int64_t version, int64_t relation, int column, Operation operation) {
  pg::CountedUse out{};
  out.version_id = version;
  out.relation_id = relation;
  out.column = static_cast<int16_t>(column);
  out.operation = static_cast<uint8_t>(operation);
  return out;
}

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

bool has(const std::vector<pg::CountedUse>& uses, const pg::CountedUse& use) {
  for (const pg::CountedUse& known : uses)
    if (memcmp(&known, &use, sizeof(use)) == 0) return true;
  return false;
}

// The statement as a whole writes to the version as soon as one of its parts does.
void add_statement(std::vector<pg::CountedUse>* out, int64_t version, Operation operation) {
  for (pg::CountedUse& known : *out) {
    if (known.version_id != version || known.relation_id != 0) continue;
    if (!is_write(known.operation)) known.operation = static_cast<uint8_t>(operation);
    return;
  }
  out->push_back(use_of(version, 0, 0, operation));
}

// Adds the uses of one view; `again`: the statement names it several times, or may name one column
// twice, and each is counted once.
class Columns {
 public:
  Columns(std::vector<pg::CountedUse>* out, const catalog::VersionView& view, bool again)
      : out_(out), view_(view), again_(again) {}

  void add(int column, Operation operation) {
    const pg::CountedUse use = use_of(view_.version_id, view_.relation_id, column, operation);
    if (!again_ || !has(*out_, use)) out_->push_back(use);
  }

  void add(const Bitmapset* columns, Operation operation) {
    int bit = -1;
    while ((bit = bms_next_member(const_cast<Bitmapset*>(columns), bit)) >= 0) {
      const int column = bit + FirstLowInvalidHeapAttributeNumber;
      if (column > 0) {
        add(column, operation);
      } else if (column == InvalidAttrNumber) {
        // The row as a whole.
        again_ = true;
        for (const auto& [attnum, attribute] : pg::attributes(view_.view))
          add(attnum, operation);
      }
    }
  }

 private:
  std::vector<pg::CountedUse>* out_;
  const catalog::VersionView& view_;
  bool again_;
};

bool names_relation(const std::vector<pg::CountedUse>& uses, int64_t relation) {
  for (const pg::CountedUse& use : uses)
    if (use.relation_id == relation) return true;
  return false;
}

}  // namespace

void find_uses(const QueryDesc* query, std::vector<pg::CountedUse>* out) {
  const PlannedStmt* plan = query->plannedstmt;
  ListCell* cell;
  foreach (cell, plan->rtable) {
    const auto* entry = lfirst_node(RangeTblEntry, cell);
    if (entry->relkind != RELKIND_VIEW || !OidIsValid(entry->relid)) continue;
    const StrataPermissions asked = strata_compat_permissions(plan, entry);
    if (asked.required == 0) continue;
    const catalog::VersionView* view = catalog::registry().view(entry->relid);
    if (view == nullptr) continue;
    const Operation operation = operation_of(query, asked);
    add_statement(out, view->version_id, operation);
    const bool merges = operation == Operation::kMerge;
    Columns columns(out, *view, merges || names_relation(*out, view->relation_id));
    columns.add(0, operation);
    columns.add(asked.selected,
                operation == Operation::kCopyTo ? Operation::kCopyTo : Operation::kSelect);
    columns.add(asked.inserted, operation);
    columns.add(asked.updated, merges ? operation : Operation::kUpdate);
  }
}

void find_uses(const Query* query, const catalog::Registry& registry,
               std::vector<pg::CountedUse>* out) {
  constexpr Operation kOperationOf[] = {Operation::kSelect, Operation::kSelect, Operation::kUpdate,
                                        Operation::kInsert, Operation::kDelete, Operation::kMerge};
  static_assert(CMD_SELECT == 1 && CMD_UPDATE == 2 && CMD_INSERT == 3 && CMD_DELETE == 4 &&
                CMD_MERGE == 5);
  if (query->commandType > CMD_MERGE) return;
  const Operation operation = kOperationOf[query->commandType];
  ListCell* cell;
  foreach (cell, query->rtable) {
    const auto* entry = lfirst_node(RangeTblEntry, cell);
    if (entry->rtekind == RTE_SUBQUERY && entry->subquery != nullptr)
      find_uses(entry->subquery, registry, out);
    if (entry->relkind != RELKIND_VIEW) continue;
    const catalog::VersionView* view = registry.view(entry->relid);
    if (view == nullptr) continue;
    add_statement(out, view->version_id, operation);
    if (!names_relation(*out, view->relation_id))
      out->push_back(use_of(view->version_id, view->relation_id, 0, operation));
  }
  foreach (cell, query->cteList) {
    const Node* part = lfirst_node(CommonTableExpr, cell)->ctequery;
    if (IsA(part, Query)) find_uses(reinterpret_cast<const Query*>(part), registry, out);
  }
}

}  // namespace strata::telemetry
