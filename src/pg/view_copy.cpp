// Owns: walking and re-pointing whole view queries (see view_copy.hpp).
#include "pg/view_copy.hpp"

#include "pg/names.hpp"
#include "pg/view_query.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "access/relation.h"
#include "access/sysattr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
}

namespace strata::pg {
namespace raw {

struct RelationPair {
  Oid from;
  Oid to;
};

// Shared by the walkers of this file: the relations in question and, while walking, the stack of
// queries that Vars refer to by varlevelsup.
struct CopyContext {
  const RelationPair* pairs;
  int count;
  List* queries;         // innermost first
  const char* obstacle;  // out
  List* found;           // out: relation OIDs
};

static Oid target_of(const CopyContext* context, Oid relation) {
  for (int i = 0; i < context->count; i++)
    if (context->pairs[i].from == relation) return context->pairs[i].to;
  return InvalidOid;
}

static RangeTblEntry* entry_of(const CopyContext* context, int varno, Index levelsup) {
  if (static_cast<int>(levelsup) >= list_length(context->queries)) return nullptr;
  auto* query = static_cast<Query*>(list_nth(context->queries, static_cast<int>(levelsup)));
  if (varno <= 0 || varno > list_length(query->rtable)) return nullptr;
  return rt_fetch(varno, query->rtable);
}

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

// Moves the Vars of a query (and of those below it) to the columns of the new relations. The
// entries still carry the old relations while this runs.
static bool move_vars(Node* node, CopyContext* context) {
  if (node == nullptr) return false;
  auto walker = as_walker(move_vars);
  if (IsA(node, Query)) {
    auto* query = reinterpret_cast<Query*>(node);
    context->queries = lcons(query, context->queries);
    query_tree_walker(query, walker, context, 0);
    context->queries = list_delete_first(context->queries);
    return false;
  }
  if (IsA(node, Var)) {
    auto* var = reinterpret_cast<Var*>(node);
    RangeTblEntry* entry = entry_of(context, var->varno, var->varlevelsup);
    if (entry == nullptr || entry->rtekind != RTE_RELATION) return false;
    Oid to = target_of(context, entry->relid);
    if (!OidIsValid(to) || var->varattno <= 0) return false;
    var->varattno = get_attnum(to, get_attname(entry->relid, var->varattno, false));
    var->varattnosyn = var->varattno;
    return false;
  }
  return expression_tree_walker(node, walker, context);
}

static Bitmapset* move_columns(Bitmapset* columns, Oid from, Oid to) {
  Bitmapset* out = nullptr;
  for (int bit = bms_next_member(columns, -1); bit >= 0; bit = bms_next_member(columns, bit)) {
    AttrNumber attnum = static_cast<AttrNumber>(bit + FirstLowInvalidHeapAttributeNumber);
    if (attnum > 0) attnum = get_attnum(to, get_attname(from, attnum, false));
    out = bms_add_member(out, attnum - FirstLowInvalidHeapAttributeNumber);
  }
  return out;
}

// Makes the range table entries of a query (and of those below it) ones of the new relations.
static bool move_entries(Node* node, CopyContext* context) {
  if (node == nullptr) return false;
  auto walker = as_walker(move_entries);
  if (!IsA(node, Query)) return expression_tree_walker(node, walker, context);
  auto* query = reinterpret_cast<Query*>(node);
  ListCell* cell;
  foreach (cell, query->rtable) {
    auto* entry = lfirst_node(RangeTblEntry, cell);
    Oid from = entry->relid;
    Oid to = entry->rtekind == RTE_RELATION ? target_of(context, from) : InvalidOid;
    if (!OidIsValid(to)) continue;
    Relation rel = relation_open(to, AccessShareLock);
    List* names = NIL;
    for (int i = 0; i < RelationGetDescr(rel)->natts; i++)
      names = lappend(
          names, makeString(pstrdup(NameStr(TupleDescAttr(RelationGetDescr(rel), i)->attname))));
    entry->eref = makeAlias(entry->eref->aliasname, names);
    strata_compat_set_selected_columns(
        query, entry, move_columns(strata_compat_selected_columns(query, entry), from, to));
    entry->relid = to;
    entry->relkind = rel->rd_rel->relkind;
    entry->inh = entry->inh || entry->relkind != RELKIND_VIEW;
    strata_compat_set_permission_relation(query, entry, to);
    relation_close(rel, NoLock);
  }
  query_tree_walker(query, walker, context, 0);
  return false;
}

static void copy_view_query(Oid original, Oid copy, const RelationPair* pairs, int count) {
  Relation source = relation_open(original, AccessShareLock);
  Query* query = copy_of_view_query(source);
  relation_close(source, NoLock);
  CopyContext context{pairs, count, NIL, nullptr, NIL};
  move_vars(reinterpret_cast<Node*>(query), &context);
  move_entries(reinterpret_cast<Node*>(query), &context);
  Relation view = relation_open(copy, AccessExclusiveLock);
  ListCell* cell;
  foreach (cell, query->targetList) {
    auto* entry = lfirst_node(TargetEntry, cell);
    Oid to = OidIsValid(entry->resorigtbl) ? target_of(&context, entry->resorigtbl) : InvalidOid;
    if (!OidIsValid(to)) continue;
    entry->resorigcol = get_attnum(to, get_attname(entry->resorigtbl, entry->resorigcol, false));
    entry->resorigtbl = to;
  }
  store_rule(view, query);
  relation_close(view, NoLock);
}

static const char* obstacle(Oid view, const RelationPair* pairs, int count) {
  Relation rel = relation_open(view, AccessShareLock);
  CopyContext context{pairs, count, NIL, nullptr, NIL};
  find_obstacle(reinterpret_cast<Node*>(get_view_query(rel)), &context);
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

static const char* shape_of(Oid view) {
  Relation rel = relation_open(view, AccessShareLock);
  StringInfoData sql;
  initStringInfo(&sql);
  appendStringInfoString(&sql, "SELECT ");
  TupleDesc desc = RelationGetDescr(rel);
  for (int i = 0; i < desc->natts; i++) {
    Form_pg_attribute att = TupleDescAttr(desc, i);
    appendStringInfo(&sql, "%sNULL::%s", i ? ", " : "",
                     format_type_with_typemod(att->atttypid, att->atttypmod));
    if (OidIsValid(att->attcollation) && att->attcollation != get_typcollation(att->atttypid))
      appendStringInfo(&sql, " COLLATE %s", generate_collation_name(att->attcollation));
    appendStringInfo(&sql, " AS %s", quote_identifier(NameStr(att->attname)));
  }
  relation_close(rel, NoLock);
  return sql.data;
}

}  // namespace raw

namespace {

std::vector<raw::RelationPair> pairs_of(const std::map<Oid, Oid>& relations) {
  std::vector<raw::RelationPair> pairs;
  pairs.reserve(relations.size());
  for (const auto& [from, to] : relations)
    pairs.push_back({from, to});
  return pairs;
}

}  // namespace

std::vector<Oid> relations_read(Oid view) {
  List* const found = call([&] { return raw::relations_read(view); });
  std::vector<Oid> out;
  ListCell* cell;
  foreach (cell, found)
    out.push_back(lfirst_oid(cell));
  return out;
}

std::string obstacle_to_copy(Oid view, const std::set<Oid>& relations) {
  std::vector<raw::RelationPair> pairs;
  for (const Oid relation : relations)
    pairs.push_back({relation, relation});
  const char* found =
      call([&] { return raw::obstacle(view, pairs.data(), static_cast<int>(pairs.size())); });
  return found ? found : "";
}

std::string shape_of(Oid view) {
  return call([&] { return raw::shape_of(view); });
}

void copy_view_query(Oid original, Oid copy, const std::map<Oid, Oid>& relations) {
  std::vector<raw::RelationPair> pairs = pairs_of(relations);
  pairs.push_back({original, copy});  // the OLD and NEW entries
  call([&] { raw::copy_view_query(original, copy, pairs.data(), static_cast<int>(pairs.size())); });
}

}  // namespace strata::pg
