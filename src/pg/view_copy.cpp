// Owns: re-pointing whole view queries (see view_copy.hpp).
#include "pg/view_copy.hpp"

#include "pg/copy_context.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/view_query.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "access/relation.h"
#include "access/sysattr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
}

namespace strata::pg {
namespace raw {

// Returns the column of `to` that has the name of column `attnum` of `from`.
static AttrNumber moved_column(Oid from, Oid to, AttrNumber attnum) {
  return get_attnum(to, get_attname(from, attnum, false));
}

// Moves the column numbers that a join keeps of its left or right side; ruleutils needs them.
static void move_join_columns(List* columns, Node* side, Query* query, CopyContext* context) {
  if (!IsA(side, RangeTblRef)) return;
  RangeTblEntry* entry = rt_fetch(reinterpret_cast<RangeTblRef*>(side)->rtindex, query->rtable);
  Oid to = entry->rtekind == RTE_RELATION ? target_of(context, entry->relid) : InvalidOid;
  if (!OidIsValid(to)) return;
  ListCell* cell;
  foreach (cell, columns)
    if (lfirst_int(cell) > 0)
      lfirst_int(cell) = moved_column(entry->relid, to, static_cast<AttrNumber>(lfirst_int(cell)));
}

static void move_joins(Node* node, Query* query, CopyContext* context) {
  ListCell* cell;
  if (IsA(node, FromExpr)) {
    foreach (cell, reinterpret_cast<FromExpr*>(node)->fromlist)
      move_joins(static_cast<Node*>(lfirst(cell)), query, context);
  } else if (IsA(node, JoinExpr)) {
    auto* join = reinterpret_cast<JoinExpr*>(node);
    RangeTblEntry* entry = rt_fetch(join->rtindex, query->rtable);
    move_join_columns(entry->joinleftcols, join->larg, query, context);
    move_join_columns(entry->joinrightcols, join->rarg, query, context);
    move_joins(join->larg, query, context);
    move_joins(join->rarg, query, context);
  }
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
    move_joins(reinterpret_cast<Node*>(query->jointree), query, context);
    return false;
  }
  if (IsA(node, Var)) {
    auto* var = reinterpret_cast<Var*>(node);
    RangeTblEntry* entry = entry_of(context, var->varno, var->varlevelsup);
    if (entry == nullptr || entry->rtekind != RTE_RELATION) return false;
    Oid to = target_of(context, entry->relid);
    if (!OidIsValid(to) || var->varattno <= 0) return false;
    var->varattno = moved_column(entry->relid, to, var->varattno);
    // What ruleutils shows may be the column of a join above; that has its own numbers.
    if (var->varnosyn == static_cast<Index>(var->varno)) var->varattnosyn = var->varattno;
    return false;
  }
  return expression_tree_walker(node, walker, context);
}

// Moves the names that FROM t AS a (x, y) gave to columns: a list by column number, with empty
// names for dropped columns.
static void move_alias_columns(Alias* alias, Relation rel, Oid from) {
  if (alias == nullptr || alias->colnames == NIL) return;
  List* moved = NIL;
  TupleDesc desc = RelationGetDescr(rel);
  for (int i = 0; i < desc->natts; i++) {
    AttrNumber attnum = get_attnum(from, NameStr(TupleDescAttr(desc, i)->attname));
    if (attnum <= 0 || attnum > list_length(alias->colnames)) break;
    moved = lappend(moved, list_nth(alias->colnames, attnum - 1));
  }
  alias->colnames = moved;
}

static Bitmapset* move_columns(Bitmapset* columns, Oid from, Oid to) {
  Bitmapset* out = nullptr;
  for (int bit = bms_next_member(columns, -1); bit >= 0; bit = bms_next_member(columns, bit)) {
    AttrNumber attnum = static_cast<AttrNumber>(bit + FirstLowInvalidHeapAttributeNumber);
    if (attnum > 0) attnum = moved_column(from, to, attnum);
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
    move_alias_columns(entry->alias, rel, from);
    if (entry->alias != nullptr && entry->alias->colnames != NIL)
      names = list_concat(list_copy(entry->alias->colnames),
                          list_copy_tail(names, list_length(entry->alias->colnames)));
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

static bool find_dropped_join_column(Node* node, void*) {
  if (node == nullptr) return false;
  auto walker = as_walker(find_dropped_join_column);
  if (!IsA(node, Query)) return expression_tree_walker(node, walker, nullptr);
  auto* query = reinterpret_cast<Query*>(node);
  ListCell* cell;
  foreach (cell, query->rtable) {
    auto* entry = lfirst_node(RangeTblEntry, cell);
    if (entry->rtekind == RTE_JOIN && list_member_ptr(entry->joinaliasvars, nullptr)) return true;
  }
  return query_tree_walker(query, walker, nullptr, QTW_IGNORE_JOINALIASES);
}

// Returns the view's query with columns that exist only. A join lists all columns of its sides,
// also those dropped since the view was made, and the view's dependencies do not stop the drop;
// AcquireRewriteLocks (rewriteHandler.c) blanks them. Their places in the list cannot be carried
// over to a relation that never had them, so the query is made again from its text, as a dump does.
static Query* clean_query(Oid view, bool* fresh) {
  Relation rel = relation_open(view, AccessShareLock);
  Query* query = copy_of_view_query(rel);
  Oid owner = rel->rd_rel->relowner;
  relation_close(rel, NoLock);
  AcquireRewriteLocks(query, false, false);
  if (!find_dropped_join_column(reinterpret_cast<Node*>(query), nullptr)) return query;
  *fresh = true;
  char* select =
      TextDatumGetCString(OidFunctionCall1(F_PG_GET_VIEWDEF_OID, ObjectIdGetDatum(view)));
  RawStmt* parsed = linitial_node(RawStmt, raw_parser(select, RAW_PARSE_DEFAULT));
  // As its owner, whose text it is: the parser calls functions for some constants.
  ActingAs saved = act_restricted_as(owner);
  Query* made = parse_analyze_fixedparams(parsed, select, nullptr, 0, nullptr);
  stop_acting(saved);
  // Copied, so that no node is in the tree twice and moved twice.
  return static_cast<Query*>(copyObjectImpl(made));
}

static void copy_view_query(Oid original, Oid copy, const RelationPair* pairs, int count) {
  bool fresh = false;
  Query* query = clean_query(original, &fresh);
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
  if (fresh)
    store_new_query(view, query);
  else
    store_rule(view, query);
  relation_close(view, NoLock);
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

std::string shape_of(Oid view) {
  return call([&] { return raw::shape_of(view); });
}

void copy_view_query(Oid original, Oid copy, const std::map<Oid, Oid>& relations) {
  std::vector<raw::RelationPair> pairs = pairs_of(relations);
  pairs.push_back({original, copy});  // the OLD and NEW entries
  call([&] { raw::copy_view_query(original, copy, pairs.data(), static_cast<int>(pairs.size())); });
}

}  // namespace strata::pg
