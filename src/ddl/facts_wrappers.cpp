// Owns: facts about statements around statements (EXPLAIN, PREPARE, EXECUTE, DO), about queries,
// and about writes to rows.
#include "ddl/column_definition.hpp"
#include "ddl/facts_parts.hpp"
#include "ddl/options.hpp"
#include "ddl/query_sources.hpp"
#include "pg/tree_walk.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "commands/prepare.h"
#include "nodes/nodeFuncs.h"
#include "utils/plancache.h"
}

namespace strata::ddl {
namespace {

struct CallSearch {
  bool sets_counter;
  bool unlinks;
  List* sequences;  // names, as RangeVar
};

// Returns the relation that the first argument of a call names; null when it is no constant.
RangeVar* named_relation(const FuncCall* function) {
  if (function->args == NIL) return nullptr;
  auto* argument = static_cast<Node*>(linitial(function->args));
  while (IsA(argument, TypeCast))
    argument = reinterpret_cast<TypeCast*>(argument)->arg;
  if (!IsA(argument, A_Const)) return nullptr;
  auto* constant = reinterpret_cast<A_Const*>(argument);
  if (constant->isnull || !IsA(&constant->val, String)) return nullptr;
  List* names = strata_compat_name_list(strVal(&constant->val));
  return names == NIL ? nullptr : makeRangeVarFromNameList(names);
}

bool find_calls(Node* node, CallSearch* search) {
  if (node == nullptr) return false;
  if (IsA(node, FuncCall)) {
    const char* name = strVal(llast(reinterpret_cast<FuncCall*>(node)->funcname));
    search->sets_counter = search->sets_counter || strcmp(name, "setval") == 0;
    if (strcmp(name, "setval") == 0 || strcmp(name, "nextval") == 0)
      if (RangeVar* sequence = named_relation(reinterpret_cast<FuncCall*>(node)))
        search->sequences = lappend(search->sequences, sequence);
    search->unlinks = search->unlinks || strcmp(name, "lo_unlink") == 0;
  }
  return raw_expression_tree_walker(node, pg::raw::as_walker(find_calls), search);
}

// What a query calls shows when it runs; of two functions everybody knows what they do.
void calls(FactsBuilder& out, Node* query) {
  if (!may_be_volatile(query)) return;
  if (calls_unknown(query)) out.facts.analyzable = false;
  CallSearch search{false, false, NIL};
  pg::call([&] { find_calls(query, &search); });
  ListCell* cell;
  foreach (cell, search.sequences)
    out.add_named(lfirst_node(RangeVar, cell), Lock::RowExclusive);
  if (search.sets_counter) {
    out.facts.breaks_writers = true;
    out.irreversible();
  }
  if (!search.unlinks) return;
  model::DroppedObject object;
  object.type = "large object";
  object.identity = "of the function's argument";
  object.holds_data = true;
  object.bytes = -1;
  out.facts.drops.push_back(std::move(object));
  out.irreversible();
}

bool is_query(const Node* tree) {
  return IsA(tree, SelectStmt) || IsA(tree, InsertStmt) || IsA(tree, UpdateStmt) ||
         IsA(tree, DeleteStmt) || IsA(tree, MergeStmt);
}

// Without WHERE every row goes, or loses what was in it.
void write_rows(FactsBuilder& out, RangeVar* name, bool all_rows) {
  const Oid table = out.add_named(name, Lock::RowExclusive);
  if (!OidIsValid(table)) return;
  if (pg::table_facts(table).schema == PG_CATALOG_NAMESPACE) {
    out.facts.control_plane = true;
    out.irreversible();
  }
  for (const Oid target : tree_of(table, name->inh)) {
    model::RelationFacts& written = out.add(target, Lock::RowExclusive);
    if (all_rows) written.scanned = written.emptied = written.named = true;
  }
  if (!all_rows) return;
  // Keys that delete along do so from here.
  for (const pg::ConstraintFacts& key : pg::keys_to(table))
    if (key.on_delete == FKCONSTR_ACTION_CASCADE && !out.has(key.table))
      out.add(key.table, Lock::RowExclusive).emptied = true;
  out.irreversible();
}

void write_to(FactsBuilder& out, Node* query, WithClause* with);

void query_facts(FactsBuilder& out, Node* query) {
  switch (nodeTag(query)) {
    case T_DeleteStmt: {
      auto* stmt = castNode(DeleteStmt, query);
      write_to(out, query, stmt->withClause);
      write_rows(out, stmt->relation, stmt->whereClause == nullptr && stmt->usingClause == NIL);
      break;
    }
    case T_UpdateStmt: {
      auto* stmt = castNode(UpdateStmt, query);
      write_to(out, query, stmt->withClause);
      write_rows(out, stmt->relation, stmt->whereClause == nullptr && stmt->fromClause == NIL);
      break;
    }
    case T_InsertStmt:
      write_to(out, query, castNode(InsertStmt, query)->withClause);
      out.add_named(castNode(InsertStmt, query)->relation, Lock::RowExclusive);
      break;
    case T_MergeStmt: {
      auto* stmt = castNode(MergeStmt, query);
      write_to(out, query, stmt->withClause);
      bool deletes = false;
      ListCell* cell;
      foreach (cell, stmt->mergeWhenClauses) {
        auto* when = lfirst_node(MergeWhenClause, cell);
        deletes = deletes || (when->commandType == CMD_DELETE && when->condition == nullptr);
      }
      write_rows(out, stmt->relation, deletes);
      break;
    }
    case T_SelectStmt: {
      auto* stmt = castNode(SelectStmt, query);
      write_to(out, query, stmt->withClause);
      if (stmt->intoClause != nullptr) {
        out.add_made(stmt->intoClause->rel);
        out.facts.creates_only = true;
      }
      break;
    }
    default:
      return;
  }
  const bool reads_all =
      IsA(query, SelectStmt) && castNode(SelectStmt, query)->intoClause != nullptr;
  for (const Oid source : sources_of(out, query)) {
    out.add(source, Lock::AccessShare);
    if (reads_all && pg::table_facts(source).has_storage()) out.scan(source);
  }
  calls(out, query);
}

void write_to(FactsBuilder& out, Node*, WithClause* with) {
  if (with == nullptr) return;
  ListCell* cell;
  foreach (cell, with->ctes)
    query_facts(out, lfirst_node(CommonTableExpr, cell)->ctequery);
}

// After analysis a wrapper holds a Query; what it runs is then in its utility statement, or is
// rows' business.
void inner_facts(FactsBuilder& out, Node* inner) {
  if (inner == nullptr) return;
  if (IsA(inner, Query)) inner = castNode(Query, inner)->utilityStmt;
  if (inner != nullptr) add_facts(out, inner);
}

// Without ANALYZE the query is only planned, which locks what it reads or writes all the same.
void explain(FactsBuilder& out, ExplainStmt* stmt) {
  if (option_is_on(stmt->options, "analyze")) return inner_facts(out, stmt->query);
  Node* query = stmt->query;
  if (IsA(query, CreateTableAsStmt)) query = castNode(CreateTableAsStmt, query)->query;
  if (IsA(query, Query)) {
    for (const Oid source : sources_of(out, query))
      out.add(source, Lock::AccessShare);
    return;
  }
  if (!is_query(query)) return;
  for (const Oid source : sources_of(out, query))
    out.add(source, Lock::AccessShare);
  const RangeVar* target = IsA(query, DeleteStmt)   ? castNode(DeleteStmt, query)->relation
                           : IsA(query, UpdateStmt) ? castNode(UpdateStmt, query)->relation
                           : IsA(query, InsertStmt) ? castNode(InsertStmt, query)->relation
                           : IsA(query, MergeStmt)  ? castNode(MergeStmt, query)->relation
                                                    : nullptr;
  if (const Oid written = out.find(target); OidIsValid(written))
    out.add(written, Lock::RowExclusive);
}

void execute(FactsBuilder& out, ExecuteStmt* stmt) {
  out.about(stmt->name);
  PreparedStatement* const prepared =
      pg::call([&] { return FetchPreparedStatement(stmt->name, false); });
  if (prepared == nullptr || prepared->plansource->raw_parse_tree == nullptr) {
    out.facts.analyzable = false;
    return;
  }
  inner_facts(out, prepared->plansource->raw_parse_tree->stmt);
}

}  // namespace

bool wrapper_facts(FactsBuilder& out, Node* tree) {
  if (is_query(tree)) {
    query_facts(out, tree);
    return true;
  }
  switch (nodeTag(tree)) {
    case T_ExplainStmt:
      explain(out, castNode(ExplainStmt, tree));
      return true;
    case T_PrepareStmt:
      out.about(castNode(PrepareStmt, tree)->name);
      return true;
    case T_ExecuteStmt:
      execute(out, castNode(ExecuteStmt, tree));
      return true;
    case T_DeclareCursorStmt:
      inner_facts(out, castNode(DeclareCursorStmt, tree)->query);
      return true;
    case T_DoStmt:
    case T_CallStmt:
      out.facts.analyzable = false;
      return true;
    default:
      return false;
  }
}

}  // namespace strata::ddl
