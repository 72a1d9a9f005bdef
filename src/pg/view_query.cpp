// Owns: loading and storing view queries (see view_query.hpp).
#include "pg/view_query.hpp"

#include "pg/session.hpp"

extern "C" {
#include "access/relation.h"
#include "access/xact.h"
#include "commands/view.h"
#include "optimizer/optimizer.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "rewrite/rewriteDefine.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
}

namespace strata::pg::raw {

Query* copy_of_view_query(Relation view) {
  return static_cast<Query*>(copyObjectImpl(get_view_query(view)));
}

Index find_varno(Query* query, Oid base) {
  Index index = 0;
  ListCell* cell;
  foreach (cell, query->rtable) {
    index++;
    auto* entry = lfirst_node(RangeTblEntry, cell);
    if (entry->rtekind == RTE_RELATION && entry->relid == base) return index;
  }
  return 0;
}

Index varno_of(Query* query, Oid base) {
  Index index = find_varno(query, base);
  if (index == 0) elog(ERROR, "relation %u is not in the query of its version view", base);
  return index;
}

void store_rule(Relation view, Query* query) {
  ActingAs saved = act_as(view->rd_rel->relowner);
  DefineQueryRewrite(pstrdup("_RETURN"), RelationGetRelid(view), nullptr, CMD_SELECT, true, true,
                     list_make1(query));
  stop_acting(saved);
  CommandCounterIncrement();
}

void store_query(Relation view, Query* query, Oid base) {
  ListCell* cell;
  foreach (cell, query->targetList) {
    auto* entry = lfirst_node(TargetEntry, cell);
    entry->resorigtbl = InvalidOid;
    entry->resorigcol = 0;
    if (IsA(entry->expr, Var) && OidIsValid(base)) {
      entry->resorigtbl = base;
      entry->resorigcol = reinterpret_cast<Var*>(entry->expr)->varattno;
    }
  }
  if (OidIsValid(base)) {
    Index varno = varno_of(query, base);
    Bitmapset* columns = nullptr;
    pull_varattnos(reinterpret_cast<Node*>(query->targetList), varno, &columns);
    pull_varattnos(reinterpret_cast<Node*>(query->jointree), varno, &columns);
    strata_compat_set_selected_columns(query, rt_fetch(varno, query->rtable), columns);
  }
  store_rule(view, query);
}

void store_new_query(Relation view, Query* query) {
  ActingAs saved = act_as(view->rd_rel->relowner);
  StoreViewQuery(RelationGetRelid(view), query, true);
  stop_acting(saved);
  CommandCounterIncrement();
}

void store_text(Oid view_oid, const char* select) {
  RawStmt* parsed = linitial_node(RawStmt, raw_parser(select, RAW_PARSE_DEFAULT));
  Query* query = parse_analyze_fixedparams(parsed, select, nullptr, 0, nullptr);
  Relation view = relation_open(view_oid, AccessExclusiveLock);
  store_new_query(view, query);
  relation_close(view, NoLock);
}

}  // namespace strata::pg::raw

namespace strata::pg {

void store_view_text(Oid view, const std::string& select) {
  const PinnedSearchPath path;
  call([&] { raw::store_text(view, select.c_str()); });
}

}  // namespace strata::pg
