// Owns: the comparison of a view's query with the one that shall replace it (see view_extends.hpp).
//
// Both are analyzed from text or a raw tree and written out again: what is left of spelling is gone
// then, and what an old release stored besides does not count.
#include "pg/view_extends.hpp"

#include "pg/session.hpp"

extern "C" {
#include "access/relation.h"
#include "access/reloptions.h"
#include "catalog/pg_class.h"
#include "nodes/makefuncs.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace raw {

static Query* analyzed(Node* statement) {
  RawStmt* raw = makeNode(RawStmt);
  raw->stmt = statement;
  return parse_analyze_fixedparams(raw, "", nullptr, 0, nullptr);
}

// The text is the owner's, so it is parsed with the owner's rights.
static Query* query_of_view(Relation rel) {
  const Oid view = RelationGetRelid(rel);
  const ActingAs caller = act_restricted_as(rel->rd_rel->relowner);
  Datum shown = DirectFunctionCall1(pg_get_viewdef, ObjectIdGetDatum(view));
  List* statements = raw_parser(TextDatumGetCString(shown), RAW_PARSE_DEFAULT);
  Query* query = analyzed(linitial_node(RawStmt, statements)->stmt);
  stop_acting(caller);
  return query;
}

static bool same_shape(const Query* a, const Query* b) {
  return a->hasTargetSRFs == b->hasTargetSRFs && a->hasAggs == b->hasAggs &&
         a->hasWindowFuncs == b->hasWindowFuncs && b->commandType == CMD_SELECT;
}

// Leaves only the first columns in the query, under the names the view gives them. Returns false
// when another column takes part in sorting or grouping.
static bool cut(Query* query, Relation view) {
  List* kept = NIL;
  int count = 0;
  ListCell* cell;
  foreach (cell, query->targetList) {
    auto* entry = lfirst_node(TargetEntry, cell);
    if (!entry->resjunk && count >= view->rd_att->natts) {
      if (entry->ressortgroupref != 0) return false;
      continue;
    }
    if (!entry->resjunk) {
      entry->resname = NameStr(TupleDescAttr(view->rd_att, count)->attname);
      count++;
    }
    entry->resno = static_cast<AttrNumber>(list_length(kept) + 1);
    kept = lappend(kept, entry);
  }
  query->targetList = kept;
  return count == view->rd_att->natts;
}

static bool same_options(Oid view, const ViewStmt* statement) {
  List* options = list_copy(statement->options);
  if (statement->withCheckOption != NO_CHECK_OPTION) {
    const char* kind = statement->withCheckOption == LOCAL_CHECK_OPTION ? "local" : "cascaded";
    options = lappend(options, makeDefElem(pstrdup("check_option"),
                                           reinterpret_cast<Node*>(makeString(pstrdup(kind))), -1));
  }
  Datum wanted = transformRelOptions(Datum{0}, options, nullptr, nullptr, false, false);
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(view));
  bool none = true;
  Datum known = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &none);
  bool same = none == (wanted == Datum{0}) &&
              (none || datumIsEqual(PointerGetDatum(PG_DETOAST_DATUM(known)), wanted, false, -1));
  ReleaseSysCache(tuple);
  return same;
}

static bool locked_at_once(Oid view, const Oid* sources, size_t count) {
  if (!ConditionalLockRelationOid(view, AccessShareLock)) return false;
  for (size_t i = 0; i < count; i++)
    if (!ConditionalLockRelationOid(sources[i], AccessShareLock)) return false;
  return true;
}

static bool extends(Oid view, const ViewStmt* statement) {
  if (!same_options(view, statement)) return false;
  Relation rel = relation_open(view, NoLock);
  Query* old_query = query_of_view(rel);
  Query* new_query = analyzed(static_cast<Node*>(copyObjectImpl(statement->query)));
  bool same = same_shape(old_query, new_query) && cut(old_query, rel) && cut(new_query, rel);
  if (same)
    same = strcmp(pg_get_querydef(old_query, false), pg_get_querydef(new_query, false)) == 0;
  relation_close(rel, NoLock);
  return same;
}

}  // namespace raw

bool view_extends(Oid view, const ViewStmt* statement, const std::vector<Oid>& sources) {
  const Subtransaction undone;
  try {
    return call([&] {
      return raw::locked_at_once(view, sources.data(), sources.size()) &&
             raw::extends(view, statement);
    });
  } catch (const Error&) {
    return false;  // the server will say what is wrong with it
  }
}

}  // namespace strata::pg
