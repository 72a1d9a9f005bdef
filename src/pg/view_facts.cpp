// Owns: what a view's query reads, and what keeps it from being copied (see view_copy.hpp).
#include "pg/copy_context.hpp"
#include "pg/tree_walk.hpp"
#include "pg/view_copy.hpp"
#include "pg/view_query.hpp"

extern "C" {
#include "access/relation.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/reltrigger.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace raw {

static bool find_relations(Node* node, CopyContext* context) {
  if (node == nullptr) return false;
  if (IsA(node, RangeTblEntry)) {
    auto* entry = reinterpret_cast<RangeTblEntry*>(node);
    if (entry->rtekind == RTE_RELATION)
      context->found = list_append_unique_oid(context->found, entry->relid);
    return false;
  }
  auto walker = as_walker(find_relations);
  if (IsA(node, Query))
    return query_tree_walker(reinterpret_cast<Query*>(node), walker, context,
                             QTW_EXAMINE_RTES_BEFORE);
  return expression_tree_walker(node, walker, context);
}

static bool find_obstacle(Node* node, CopyContext* context) {
  if (node == nullptr) return false;
  auto walker = as_walker(find_obstacle);
  if (IsA(node, Query)) {
    auto* query = reinterpret_cast<Query*>(node);
    if (query->constraintDeps != NIL) context->obstacle = "it groups by a primary key";
    if (query->rowMarks != NIL) context->obstacle = "it locks rows";
    context->queries = lcons(query, context->queries);
    query_tree_walker(query, walker, context, QTW_EXAMINE_RTES_BEFORE);
    context->queries = list_delete_first(context->queries);
    return context->obstacle != nullptr;
  }
  if (IsA(node, RangeTblEntry)) {
    auto* entry = reinterpret_cast<RangeTblEntry*>(node);
    if (entry->rtekind == RTE_RELATION && OidIsValid(target_of(context, entry->relid))) {
      if (entry->tablesample != nullptr) context->obstacle = "it samples a table";
      if (!entry->inh && entry->relkind != RELKIND_VIEW && entry->inFromCl)
        context->obstacle = "it reads ONLY a table";
    }
    return context->obstacle != nullptr;
  }
  if (IsA(node, Var)) {
    auto* var = reinterpret_cast<Var*>(node);
    RangeTblEntry* entry = entry_of(context, var->varno, var->varlevelsup);
    if (entry != nullptr && entry->rtekind == RTE_RELATION && var->varattno <= 0 &&
        OidIsValid(target_of(context, entry->relid)))
      context->obstacle =
          var->varattno == 0 ? "it reads whole rows of a table" : "it reads system columns";
    return context->obstacle != nullptr;
  }
  return expression_tree_walker(node, walker, context);
}

static const char* obstacle(Oid view, const RelationPair* pairs, int count) {
  Relation rel = relation_open(view, AccessShareLock);
  CopyContext context{pairs, count, NIL, nullptr, NIL};
  find_obstacle(reinterpret_cast<Node*>(get_view_query(rel)), &context);
  if (rel->trigdesc != nullptr) context.obstacle = "it has triggers";
  if (rel->rd_rules != nullptr && rel->rd_rules->numLocks > 1) context.obstacle = "it has rules";
  relation_close(rel, NoLock);
  return context.obstacle;
}

// Sets context->obstacle to the first thing in the query that no longer fits the catalogs.
static bool find_fault(Node* node, CopyContext* context) {
  if (node == nullptr) return false;
  auto walker = as_walker(find_fault);
  if (IsA(node, Query)) {
    auto* query = reinterpret_cast<Query*>(node);
    context->queries = lcons(query, context->queries);
    // A join's list of columns may hold dropped ones; the rewriter copes with that.
    query_tree_walker(query, walker, context, QTW_EXAMINE_RTES_BEFORE | QTW_IGNORE_JOINALIASES);
    context->queries = list_delete_first(context->queries);
    return context->obstacle != nullptr;
  }
  if (IsA(node, RangeTblEntry)) {
    auto* entry = reinterpret_cast<RangeTblEntry*>(node);
    if (entry->rtekind == RTE_RELATION && get_rel_name(entry->relid) == nullptr)
      context->obstacle = psprintf("relation %u is gone", entry->relid);
    return context->obstacle != nullptr;
  }
  if (!IsA(node, Var)) return expression_tree_walker(node, walker, context);
  auto* var = reinterpret_cast<Var*>(node);
  RangeTblEntry* entry = entry_of(context, var->varno, var->varlevelsup);
  if (entry == nullptr || entry->rtekind != RTE_RELATION || var->varattno <= 0) return false;
  HeapTuple tuple =
      SearchSysCache2(ATTNUM, ObjectIdGetDatum(entry->relid), Int16GetDatum(var->varattno));
  auto* column =
      HeapTupleIsValid(tuple) ? reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple)) : nullptr;
  if (column == nullptr || column->attisdropped)
    context->obstacle =
        psprintf("column %d of %s is gone", var->varattno, get_rel_name(entry->relid));
  else if (column->atttypid != var->vartype)
    context->obstacle = psprintf("column \"%s\" of %s is of type %s, not %s any more",
                                 NameStr(column->attname), get_rel_name(entry->relid),
                                 format_type_be(column->atttypid), format_type_be(var->vartype));
  if (HeapTupleIsValid(tuple)) ReleaseSysCache(tuple);
  return context->obstacle != nullptr;
}

static const char* fault(Oid view) {
  Relation rel = relation_open(view, AccessShareLock);
  CopyContext context{nullptr, 0, NIL, nullptr, NIL};
  find_fault(reinterpret_cast<Node*>(get_view_query(rel)), &context);
  relation_close(rel, NoLock);
  return context.obstacle;
}

static List* relations_read(Oid view) {
  Relation rel = relation_open(view, AccessShareLock);
  CopyContext context{nullptr, 0, NIL, nullptr, NIL};
  find_relations(reinterpret_cast<Node*>(get_view_query(rel)), &context);
  relation_close(rel, NoLock);
  return list_delete_oid(context.found, view);  // the OLD and NEW entries
}

}  // namespace raw

std::vector<Oid> relations_read(Oid view) {
  List* const found = call([&] { return raw::relations_read(view); });
  std::vector<Oid> out;
  ListCell* cell;
  foreach (cell, found)
    out.push_back(lfirst_oid(cell));
  return out;
}

std::string fault_of(Oid view) {
  const char* found = call([&] { return raw::fault(view); });
  return found ? found : "";
}

std::string obstacle_to_copy(Oid view, const std::set<Oid>& relations) {
  std::vector<raw::RelationPair> pairs;
  for (const Oid relation : relations)
    pairs.push_back({relation, relation});
  const char* found =
      call([&] { return raw::obstacle(view, pairs.data(), static_cast<int>(pairs.size())); });
  return found ? found : "";
}

}  // namespace strata::pg
