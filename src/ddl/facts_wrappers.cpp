// Owns: facts about statements around statements (EXPLAIN, PREPARE, EXECUTE, DO), about queries,
// and about writes to rows.
#include "ddl/column_definition.hpp"
#include "ddl/facts_parts.hpp"
#include "ddl/options.hpp"
#include "ddl/query_sources.hpp"
#include "pg/tree_walk.hpp"

extern "C" {
#include "commands/prepare.h"
#include "nodes/nodeFuncs.h"
#include "utils/plancache.h"
}

namespace strata::ddl {
namespace {

struct CallSearch {
  bool sets_counter;
  bool unlinks;
};

bool find_calls(Node* node, CallSearch* search) {
  if (node == nullptr) return false;
  if (IsA(node, FuncCall)) {
    const char* name = strVal(llast(reinterpret_cast<FuncCall*>(node)->funcname));
    search->sets_counter = search->sets_counter || strcmp(name, "setval") == 0;
    search->unlinks = search->unlinks || strcmp(name, "lo_unlink") == 0;
  }
  return raw_expression_tree_walker(node, pg::raw::as_walker(find_calls), search);
}

// What a query calls shows when it runs; of two functions everybody knows what they do.
void calls(FactsBuilder& out, Node* query) {
  if (!may_be_volatile(query)) return;
  out.facts.analyzable = false;
  CallSearch search{false, false};
  pg::call([&] { find_calls(query, &search); });
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
    written.scanned = true;
    if (all_rows) written.emptied = written.named = true;
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
  for (const Oid source : sources_of(out, query))
    out.add(source, Lock::AccessShare);
  calls(out, query);
}

void write_to(FactsBuilder& out, Node*, WithClause* with) {
  if (with == nullptr) return;
  ListCell* cell;
  foreach (cell, with->ctes)
    query_facts(out, lfirst_node(CommonTableExpr, cell)->ctequery);
}

bool is_query(const Node* tree) {
  return IsA(tree, SelectStmt) || IsA(tree, InsertStmt) || IsA(tree, UpdateStmt) ||
         IsA(tree, DeleteStmt) || IsA(tree, MergeStmt);
}

// After analysis a wrapper holds a Query; what it runs is then in its utility statement, or is
// rows' business.
void inner_facts(FactsBuilder& out, Node* inner) {
  if (inner == nullptr) return;
  if (IsA(inner, Query)) inner = castNode(Query, inner)->utilityStmt;
  if (inner != nullptr) add_facts(out, inner);
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
      if (option_is_on(castNode(ExplainStmt, tree)->options, "analyze"))
        inner_facts(out, castNode(ExplainStmt, tree)->query);
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
