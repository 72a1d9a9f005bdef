// Owns: COPY into and out of version views (see copy.hpp).
//
// The server copies into a view only row by row, through a trigger. Here INSERT INTO view SELECT is
// run on the rows that the server's own reader of the COPY formats makes (copy_rows.cpp). All that
// can be refused is refused before the client is asked for data.
#include "rewrite/copy.hpp"

#include "catalog/registry.hpp"
#include "pg/relation.hpp"
#include "pg/tree_walk.hpp"
#include "rewrite/batch_insert.hpp"
#include "rewrite/copy_insert.hpp"
#include "rewrite/copy_rows.hpp"

extern "C" {
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "commands/copy.h"
#include "commands/defrem.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_node.h"
#include "rewrite/rewriteHandler.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
}

namespace strata::rewrite {
namespace raw {

// What DoCopy asks of whoever reads files of the server.
static void check_source(const CopyStmt* statement) {
  if (statement->filename == nullptr) return;
  const Oid role =
      statement->is_program ? ROLE_PG_EXECUTE_SERVER_PROGRAM : ROLE_PG_READ_SERVER_FILES;
  if (has_privs_of_role(GetUserId(), role)) return;
  ereport(
      ERROR,
      (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
       statement->is_program ? errmsg("permission denied to COPY to or from an external program")
                             : errmsg("permission denied to COPY from a file"),
       errdetail("Only roles with privileges of the \"%s\" role may do so.",
                 GetUserNameFromId(role, false)),
       errhint("Anyone can COPY to stdout or from stdin. psql's \\copy command also works for "
               "anyone.")));
}

static void check_options(const CopyStmt* statement) {
  ListCell* cell;
  foreach (cell, statement->options) {
    auto* option = lfirst_node(DefElem, cell);
    if (strcmp(option->defname, "freeze") == 0 && defGetBoolean(option))
      ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                      errmsg("cannot perform COPY FREEZE on a version view"),
                      errhint("Copy into the base table.")));
  }
}

// Returns true when the base generates the column, so that a COPY of all columns leaves it out.
static bool is_generated(Relation base, const Query* query, int column) {
  auto* entry = static_cast<TargetEntry*>(list_nth(query->targetList, column - 1));
  if (!IsA(entry->expr, Var)) return false;
  const AttrNumber attnum = reinterpret_cast<Var*>(entry->expr)->varattno;
  return attnum > 0 && TupleDescAttr(RelationGetDescr(base), attnum - 1)->attgenerated != '\0';
}

// Returns the names of the columns to copy, as the statement or, where it has none, the view says.
static List* column_list(const CopyStmt* statement, Relation view, Oid base_oid) {
  if (statement->attlist != NIL) return static_cast<List*>(copyObjectImpl(statement->attlist));
  Relation base = OidIsValid(base_oid) ? table_open(base_oid, statement->is_from ? RowExclusiveLock
                                                                                 : AccessShareLock)
                                       : nullptr;
  List* out = NIL;
  for (int column = 1; column <= RelationGetDescr(view)->natts; column++)
    if (base == nullptr || !is_generated(base, get_view_query(view), column))
      out = lappend(
          out,
          makeString(pstrdup(NameStr(TupleDescAttr(RelationGetDescr(view), column - 1)->attname))));
  if (base != nullptr) table_close(base, NoLock);
  return out;
}

// The server copies tables and queries out, but no views: COPY (SELECT columns FROM view) it can.
static CopyStmt* copy_of_query(CopyStmt* statement, Oid view_oid, Oid base) {
  Relation view = table_open(view_oid, AccessShareLock);
  SelectStmt* select = makeNode(SelectStmt);
  ListCell* cell;
  foreach (cell, column_list(statement, view, base)) {
    ColumnRef* ref = makeNode(ColumnRef);
    ref->fields = list_make1(makeString(strVal(lfirst(cell))));
    ref->location = -1;
    ResTarget* target = makeNode(ResTarget);
    target->val = reinterpret_cast<Node*>(ref);
    target->location = -1;
    select->targetList = lappend(select->targetList, target);
  }
  select->fromClause = list_make1(makeRangeVar(get_namespace_name(RelationGetNamespace(view)),
                                               pstrdup(RelationGetRelationName(view)), -1));
  table_close(view, NoLock);
  auto* out = static_cast<CopyStmt*>(copyObjectImpl(statement));
  out->relation = nullptr;
  out->attlist = NIL;
  out->query = reinterpret_cast<Node*>(select);
  return out;
}

static void check_rights(Relation view, List* attnums) {
  const Oid relid = RelationGetRelid(view);
  if (pg_class_aclcheck(relid, GetUserId(), ACL_INSERT) == ACLCHECK_OK) return;
  bool granted = attnums != NIL;
  ListCell* cell;
  foreach (cell, attnums)
    granted = granted && pg_attribute_aclcheck(relid, static_cast<AttrNumber>(lfirst_int(cell)),
                                               GetUserId(), ACL_INSERT) == ACLCHECK_OK;
  if (!granted) aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_VIEW, RelationGetRelationName(view));
}

// The rows can be read once, and the server has no subqueries there either.
static bool refuse_subquery(Node* node, ParseState* state) {
  if (node == nullptr) return false;
  if (IsA(node, SubLink))
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("cannot use subquery in COPY FROM WHERE condition"),
                    parser_errposition(state, reinterpret_cast<SubLink*>(node)->location)));
  return raw_expression_tree_walker(node, pg::raw::as_walker(refuse_subquery), state);
}

static Columns columns_of(CopyStmt* statement, Relation view, List* names) {
  List* listed = CopyGetAttnums(RelationGetDescr(view), view, names);
  if (statement->whereClause == nullptr) return {listed, listed, listed};
  Columns out{listed, list_copy(listed), list_copy(listed)};
  for (int column = 1; column <= RelationGetDescr(view)->natts; column++) {
    if (list_member_int(listed, column)) continue;
    out.shown = lappend_int(out.shown, column);
    if (build_column_default(view, column) != nullptr)
      out.inserted = lappend_int(out.inserted, column);
  }
  return out;
}

static CopyFromState begin(const CopyStmt* statement, ParseState* pstate, Relation view,
                           List* names) {
  return BeginCopyFrom(pstate, view, nullptr, statement->filename, statement->is_program, nullptr,
                       names, statement->options);
}

static uint64 copy_from(const PlannedStmt* planned, Oid view_oid, Oid base, const char* text) {
  auto* statement = reinterpret_cast<CopyStmt*>(planned->utilityStmt);
  check_source(statement);
  check_options(statement);
  Relation view = table_open(view_oid, RowExclusiveLock);
  if (XactReadOnly) PreventCommandIfReadOnly("COPY FROM");
  ParseState* pstate = make_parsestate(nullptr);
  pstate->p_sourcetext = text;
  refuse_subquery(statement->whereClause, pstate);
  List* names = column_list(statement, view, base);
  const Columns columns = columns_of(statement, view, names);
  check_rights(view, columns.listed);

  QueryEnvironment* environment = create_queryEnv();
  CopyRows* rows = open_rows(view, columns.shown, environment);
  const Insertion insertion = prepare_insertion(planned, text, view, &columns, environment);
  const bool has_condition = statement->whereClause != nullptr;
  uint64 count = 0;
  if (list_length(insertion.queries) == 1 &&
      linitial_node(Query, insertion.queries)->commandType == CMD_INSERT) {
    auto* query = linitial_node(Query, insertion.queries);
    const bool waits = may_wait(query);
    QueryDesc* desc = start_insertion(query, &insertion);
    if (waits) insert_in_batches(desc);
    begin_rows(rows, begin(statement, pstate, view, names), has_condition);
    run_on_rows(rows, desc);
    count = finish_insertion(desc);
  } else {
    // Rules of the base make several statements of it.
    begin_rows(rows, begin(statement, pstate, view, names), has_condition);
    store_rows(rows);
    ListCell* cell;
    foreach (cell, insertion.queries) {
      auto* query = lfirst_node(Query, cell);
      if (query->commandType == CMD_UTILITY) continue;
      QueryDesc* desc = start_insertion(query, &insertion);
      strata_compat_run(desc);
      count += finish_insertion(desc);
    }
  }
  end_rows(rows);
  table_close(view, NoLock);
  return count;
}

}  // namespace raw

std::optional<catalog::VersionView> copied_view(const Node* statement) {
  if (!IsA(statement, CopyStmt)) return std::nullopt;
  const auto* copy = reinterpret_cast<const CopyStmt*>(statement);
  if (copy->relation == nullptr) return std::nullopt;
  const Oid relation = pg::resolve(copy->relation);
  const catalog::VersionView* view = catalog::registry().view(relation);
  if (view == nullptr || (copy->is_from && !OidIsValid(view->base))) return std::nullopt;
  return *view;
}

CopyStmt* copy_of_query(CopyStmt* statement, const catalog::VersionView& view) {
  return pg::call([&] { return raw::copy_of_query(statement, view.view, view.base); });
}

uint64_t copy_from(const PlannedStmt* planned, const catalog::VersionView& view, const char* text) {
  return pg::call([&] { return raw::copy_from(planned, view.view, view.base, text); });
}

}  // namespace strata::rewrite
