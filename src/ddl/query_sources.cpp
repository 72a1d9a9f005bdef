// Owns: collecting the relations of a query (see query_sources.hpp).
#include "ddl/query_sources.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "nodes/nodeFuncs.h"
}

namespace strata::ddl {
namespace {

struct Names {
  List* relations;
  List* with;  // names of common table expressions
};

bool collect(Node* node, Names* names) {
  if (node == nullptr) return false;
  if (IsA(node, RangeVar)) names->relations = lappend(names->relations, node);
  if (IsA(node, CommonTableExpr))
    names->with = lappend(names->with, reinterpret_cast<CommonTableExpr*>(node)->ctename);
  return raw_expression_tree_walker(node, pg::raw::as_walker(collect), names);
}

bool is_with_name(const List* with, const RangeVar* name) {
  ListCell* cell;
  foreach (cell, with)
    if (name->schemaname == nullptr &&
        strcmp(static_cast<const char*>(lfirst(cell)), name->relname) == 0)
      return true;
  return false;
}

// Inside EXPLAIN and CREATE TABLE AS the server has analyzed the query before it runs them.
bool collect_analyzed(Node* node, List** relations) {
  if (node == nullptr) return false;
  if (IsA(node, RangeTblEntry)) {
    auto* entry = reinterpret_cast<RangeTblEntry*>(node);
    if (entry->rtekind == RTE_RELATION)
      *relations = list_append_unique_oid(*relations, entry->relid);
    return false;
  }
  if (IsA(node, Query))
    return query_tree_walker(reinterpret_cast<Query*>(node), pg::raw::as_walker(collect_analyzed),
                             relations, QTW_EXAMINE_RTES_BEFORE);
  return expression_tree_walker(node, pg::raw::as_walker(collect_analyzed), relations);
}

std::vector<Oid> sources_of_analyzed(Node* query) {
  List* relations = NIL;
  pg::call([&] { collect_analyzed(query, &relations); });
  std::vector<Oid> out;
  ListCell* cell;
  foreach (cell, relations)
    out.push_back(lfirst_oid(cell));
  return out;
}

}  // namespace

std::vector<Oid> sources_of(const FactsBuilder& builder, Node* query) {
  Names names{NIL, NIL};
  if (query == nullptr || IsA(query, ExecuteStmt)) return {};
  if (IsA(query, Query)) return sources_of_analyzed(query);
  pg::call([&] { collect(query, &names); });
  std::vector<Oid> out;
  ListCell* cell;
  foreach (cell, names.relations) {
    auto* name = lfirst_node(RangeVar, cell);
    if (is_with_name(names.with, name)) continue;
    const Oid relation = builder.find(name);
    if (OidIsValid(relation) && std::find(out.begin(), out.end(), relation) == out.end())
      out.push_back(relation);
  }
  return out;
}

}  // namespace strata::ddl
