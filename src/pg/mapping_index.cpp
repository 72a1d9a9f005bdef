// Owns: indexes on mapping expressions (see mapping_index.hpp).
#include "pg/mapping_index.hpp"

#include "pg/conversion.hpp"
#include "pg/index_text.hpp"
#include "pg/kept_index.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/substitute.hpp"
#include "pg/view_query.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "access/relation.h"
#include "access/xact.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/lsyscache.h"
}

namespace strata::pg {
namespace raw {

// Returns what column `position` of the view reads, with the base as varno 1.
static Node* expression_of(Oid view_oid, Oid base, int position) {
  Relation view = relation_open(view_oid, AccessShareLock);
  Query* query = get_view_query(view);
  auto* entry = list_nth_node(TargetEntry, query->targetList, position - 1);
  auto* expression = static_cast<Node*>(copyObjectImpl(entry->expr));
  Index varno = varno_of(query, base);
  if (varno != 1) ChangeVarNodes(expression, static_cast<int>(varno), 1, 0);
  relation_close(view, AccessShareLock);
  return expression;
}

// Returns the expression without relabelings, which the planner ignores when it matches indexes.
static Node* without_relabel(Node* node) {
  while (node != nullptr && IsA(node, RelabelType))
    node = reinterpret_cast<Node*>(reinterpret_cast<RelabelType*>(node)->arg);
  return node;
}

// Returns the expression with calls of our narrow_* functions made calls of their *_key twins, on
// which indexes stand (mapping/narrow.cpp says why).
static Node* key_form(Node* node, void* context) {
  if (node == nullptr) return nullptr;
  node = expression_tree_mutator(node, as_mutator(key_form), context);
  if (!IsA(node, FuncExpr)) return node;
  auto* function = reinterpret_cast<FuncExpr*>(node);
  Oid key = narrow_key_of(function->funcid);
  if (OidIsValid(key)) {
    function->funcid = key;
    function->funcformat = COERCE_EXPLICIT_CALL;
  }
  return node;
}

// Folds constants, as the server does with index expressions. That calls immutable functions, which
// whoever owns the table chose: so it is done with the owner's rights, as the server builds
// indexes.
static Node* folded(Oid relation, Node* expression) {
  ActingAs saved = act_restricted_as(relation_owner(relation));
  Node* out = eval_const_expressions(nullptr, expression);
  stop_acting(saved);
  return without_relabel(out);
}

static bool same_expression(Oid relation, Node* a, Node* b) {
  return equal(folded(relation, a), folded(relation, b));
}

// Returns true when the table has a valid index with these keys and predicate.
static bool has_index(Oid relation, const IndexStmt* wanted) {
  RawShapes shapes = index_shapes(relation, nullptr);
  for (int i = 0; i < shapes.count; i++) {
    const IndexStmt* there = shapes.items[i].definition;
    if (list_length(there->indexParams) != list_length(wanted->indexParams) ||
        strcmp(there->accessMethod, wanted->accessMethod) != 0 ||
        !same_expression(relation, there->whereClause, wanted->whereClause))
      continue;
    bool same = true;
    ListCell* a;
    ListCell* b;
    forboth(a, there->indexParams, b, wanted->indexParams) same =
        same &&
        same_expression(relation, lfirst_node(IndexElem, a)->expr, lfirst_node(IndexElem, b)->expr);
    if (same) return true;
  }
  return false;
}

struct Sought {
  Node* expression;
};

static bool contains_walker(Node* node, Sought* sought) {
  if (node == nullptr) return false;
  if (equal(without_relabel(node), sought->expression)) return true;
  return expression_tree_walker(node, as_walker(contains_walker), sought);
}

static bool index_serves(Oid index, Oid view_oid, Oid base) {
  const IndexStmt* definition = nullptr;
  RawShapes shapes = index_shapes(base, nullptr);
  for (int i = 0; i < shapes.count; i++)
    if (shapes.items[i].index == index) definition = shapes.items[i].definition;
  if (definition == nullptr) return false;
  Relation view = relation_open(view_oid, AccessShareLock);
  int columns = RelationGetNumberOfAttributes(view);
  relation_close(view, NoLock);
  for (int position = 1; position <= columns; position++) {
    Node* read = without_relabel(expression_of(view_oid, base, position));
    if (read == nullptr || IsA(read, Var) || IsA(read, Const)) continue;
    // The stored index expressions went through this too.
    Sought sought{folded(base, key_form(read, nullptr))};
    if (contains_walker(definition->whereClause, &sought)) return true;
    ListCell* cell;
    foreach (cell, definition->indexParams)
      if (contains_walker(lfirst_node(IndexElem, cell)->expr, &sought)) return true;
  }
  return false;
}

// What stands for each column of the base, by number, in an index for look-ups by one view column.
struct Replacements {
  Node** columns;
  int count;
};

// For `attnum` it is what column `position` of the view reads; for other columns, of which the same
// index may be made, what the view shows in their place. Null: the column itself.
static Replacements replacements_for(Oid view_oid, Oid base, AttrNumber attnum, int position) {
  Relation view = relation_open(view_oid, AccessShareLock);
  int positions = RelationGetNumberOfAttributes(view);
  relation_close(view, NoLock);
  Relation table = relation_open(base, AccessShareLock);
  Replacements out{nullptr, RelationGetNumberOfAttributes(table) + 1};
  relation_close(table, NoLock);
  out.columns = static_cast<Node**>(palloc0(sizeof(Node*) * static_cast<size_t>(out.count)));
  for (int i = 1; i <= positions; i++) {
    Node* read = expression_of(view_oid, base, i);
    Var* column = nullptr;
    if (is_cast_of_column(read, &column) && column->varattno < out.count &&
        out.columns[column->varattno] == nullptr)
      out.columns[column->varattno] = key_form(read, nullptr);
  }
  out.columns[attnum] = key_form(expression_of(view_oid, base, position), nullptr);
  return out;
}

// Returns `definition` with the replacements in keys and predicate.
static IndexStmt* definition_over(const IndexStmt* definition, Oid relation,
                                  const Replacements& replacements) {
  auto* stmt = static_cast<IndexStmt*>(copyObjectImpl(definition));
  ListCell* cell;
  foreach (cell, stmt->indexParams) {
    auto* element = lfirst_node(IndexElem, cell);
    auto* before = element->expr;
    element->expr = substitute(before, relation, replacements.columns, replacements.count,
                               EXPR_KIND_INDEX_EXPRESSION);
    element->name = nullptr;
    Node* bare = without_relabel(element->expr);
    if (IsA(bare, Var)) {
      element->expr = bare;
      element->name = get_attname(relation, reinterpret_cast<Var*>(bare)->varattno, false);
    } else {
      element->indexcolname = nullptr;
    }
    // The operator class is that of the new expression's type unless that is what it was.
    if (exprType(element->expr) != exprType(before)) element->opclass = NIL;
  }
  stmt->whereClause = substitute(stmt->whereClause, relation, replacements.columns,
                                 replacements.count, EXPR_KIND_INDEX_PREDICATE);
  stmt->idxname = nullptr;
  stmt->idxcomment = pstrdup(kKeptComment);
  stmt->unique = stmt->primary = stmt->isconstraint = false;
  stmt->deferrable = stmt->initdeferred = false;
  stmt->excludeOpNames = NIL;
  stmt->transformed = true;
  return stmt;
}

// Returns true when a column of the index is gone since its definition was taken; so is the index.
static bool has_lost_columns(const IndexStmt* definition, Oid relation) {
  Bitmapset* columns = nullptr;
  ListCell* cell;
  foreach (cell, definition->indexParams)
    pull_varattnos(lfirst_node(IndexElem, cell)->expr, 1, &columns);
  pull_varattnos(definition->whereClause, 1, &columns);
  for (int bit = bms_next_member(columns, -1); bit >= 0; bit = bms_next_member(columns, bit))
    if (!OidIsValid(get_atttype(relation,
                                static_cast<AttrNumber>(bit + FirstLowInvalidHeapAttributeNumber))))
      return true;
  foreach (cell, definition->indexIncludingParams)
    if (get_attnum(relation, lfirst_node(IndexElem, cell)->name) == InvalidAttrNumber) return true;
  return false;
}

static Oid make_index_for(const IndexStmt* definition, Oid relation, AttrNumber attnum, Oid view,
                          int position) {
  Node* read = expression_of(view, relation, position);
  if (IsA(without_relabel(read), Var) || has_lost_columns(definition, relation)) return InvalidOid;
  if (contain_mutable_functions(key_form(read, nullptr)))
    ereport(
        ERROR,
        (errcode(sqlstate::kBreaksVersion),
         errmsg("no index can serve look-ups of column \"%s\" through version view %s",
                get_attname(view, static_cast<AttrNumber>(position), false), get_rel_name(view)),
         errdetail("The column is indexed, and the expression the version reads is not immutable."),
         errhint("Register an immutable expression with strata.prepare_type_change(), or drop the "
                 "index "
                 "first and so accept sequential scans.")));
  IndexStmt* stmt =
      definition_over(definition, relation, replacements_for(view, relation, attnum, position));
  if (has_index(relation, stmt)) return InvalidOid;
  ListCell* cell;
  foreach (cell, stmt->indexParams) {
    auto* element = lfirst_node(IndexElem, cell);
    if (element->name != nullptr) element->expr = nullptr;
  }
  Relation table = relation_open(relation, NoLock);
  stmt->relation = makeRangeVar(get_namespace_name(RelationGetNamespace(table)),
                                pstrdup(RelationGetRelationName(table)), -1);
  relation_close(table, NoLock);
  ObjectAddress made = strata_compat_define_index(relation, stmt);
  CommandCounterIncrement();
  return made.objectId;
}

}  // namespace raw

Oid make_index_for(const IndexShape& shape, AttrNumber attnum, Oid view, Oid base, int position) {
  const PinnedSearchPath path;
  return call([&] { return raw::make_index_for(shape.definition, base, attnum, view, position); });
}

bool index_serves(Oid index, Oid view, Oid base) {
  return call([&] { return raw::index_serves(index, view, base); });
}

std::optional<std::string> index_sql_for(const IndexShape& shape, AttrNumber attnum, Oid view,
                                         Oid base, int position) {
  const PinnedSearchPath path;
  const char* const sql = call([&]() -> const char* {
    Node* read = raw::expression_of(view, base, position);
    if (contain_mutable_functions(read)) return "";
    IndexStmt* wanted = raw::definition_over(shape.definition, base,
                                             raw::replacements_for(view, base, attnum, position));
    return raw::has_index(base, wanted) ? nullptr : raw::index_text(wanted, base);
  });
  return sql ? std::optional<std::string>(sql) : std::nullopt;
}

}  // namespace strata::pg
