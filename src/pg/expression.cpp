// Owns: parsing mapping expressions (see expression.hpp).
#include "pg/expression.hpp"

#include "pg/mapping_text.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "access/table.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
}

namespace strata::pg {
namespace raw {

// Parses text of the form of an expression into a raw tree.
static Node* raw_expression(const char* text) {
  List* parsed = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
  auto* select = reinterpret_cast<SelectStmt*>(linitial_node(RawStmt, parsed)->stmt);
  if (!IsA(select, SelectStmt) || list_length(select->targetList) != 1 || select->fromClause ||
      select->whereClause || select->groupClause || select->havingClause || select->sortClause ||
      select->limitCount || select->limitOffset || select->windowClause || select->lockingClause ||
      select->distinctClause || select->op != SETOP_NONE)
    ereport(ERROR,
            (errcode(ERRCODE_SYNTAX_ERROR), errmsg("mapping must be one expression: %s", text)));
  Node* expression = linitial_node(ResTarget, select->targetList)->val;
  // A select list may be "*", which transformExpr() does not expect.
  if (IsA(expression, ColumnRef) &&
      IsA(llast(reinterpret_cast<ColumnRef*>(expression)->fields), A_Star))
    ereport(ERROR,
            (errcode(ERRCODE_SYNTAX_ERROR), errmsg("mapping must be one expression: %s", text)));
  return expression;
}

// What is computed from: the columns of a row, or nothing.
enum class Reads { kColumns, kNothing };

constexpr const char* kOneValue = "It must compute one value, and from one row at most.";

// Raises for what is not computed from one row. The parser lets it pass under EXPR_KIND_OTHER and
// leaves the question to its caller; under the kinds of CHECK and DEFAULT it would speak of those.
static void require_scalar(const ParseState* pstate, Node* node, const char* what) {
  const bool set = expression_returns_set(node);
  if (!set && !pstate->p_hasAggs && !pstate->p_hasWindowFuncs) return;
  ereport(ERROR, (errcode(set                 ? ERRCODE_FEATURE_NOT_SUPPORTED
                          : pstate->p_hasAggs ? ERRCODE_GROUPING_ERROR
                                              : ERRCODE_WINDOWING_ERROR),
                  errmsg("%s %s", what,
                         set                 ? "returns a set"
                         : pstate->p_hasAggs ? "has an aggregate function"
                                             : "has a window function"),
                  errdetail("%s", kOneValue)));
}

// Before the analysis: the columns that our hooks resolve are those of no relation of the query, so
// they must not get into a query below.
static bool subquery_walker(Node* node, void* what) {
  if (node == nullptr) return false;
  if (IsA(node, SubLink))
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("%s has a subquery", static_cast<const char*>(what)),
                    errdetail("%s", kOneValue)));
  return raw_expression_tree_walker(node, as_walker(subquery_walker), what);
}

// Analyzes the raw expression against the pstate's relations and coerces it to the type. No
// subqueries, aggregates, window or set-returning functions.
static Node* finish(ParseState* pstate, Node* tree, Oid type, int32 typmod, const char* what,
                    Reads reads = Reads::kColumns) {
  subquery_walker(tree, const_cast<char*>(what));
  Node* node = transformExpr(pstate, tree, EXPR_KIND_OTHER);
  require_scalar(pstate, node, what);
  Oid from = exprType(node);
  if (OidIsValid(type)) {
    // To the type as an assignment would, so that nothing is converted that the author did not
    // mean; to its length, where versions read it, as a cast: that is what the text of the stored
    // expression will say.
    const bool cast = reads == Reads::kColumns;
    Node* coerced = node;
    if (from != type || exprTypmod(node) != typmod)
      coerced = coerce_to_target_type(pstate, node, from, type, cast ? -1 : typmod,
                                      COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
    if (coerced != nullptr && cast)
      coerced = coerce_to_target_type(pstate, coerced, type, type, typmod, COERCION_EXPLICIT,
                                      COERCE_EXPLICIT_CAST, -1);
    if (coerced == nullptr)
      ereport(ERROR,
              (errcode(ERRCODE_DATATYPE_MISMATCH),
               errmsg("%s is of type %s, not %s", what, format_type_be(from),
                      format_type_with_typemod(type, typmod)),
               errhint("Cast the expression to %s.", format_type_with_typemod(type, typmod))));
    node = coerced;
  }
  assign_expr_collations(pstate, node);
  if (reads == Reads::kColumns && contain_volatile_functions(node))
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_OBJECT_DEFINITION), errmsg("%s is volatile", what),
             errdetail("A version must read the same value each time it reads the same row."),
             errhint("Use only immutable and stable functions in a mapping.")));
  return node;
}

// What parse_expression hands back.
static ParsedExpression parse_expression(Oid relation, const char* text, Oid type, int32 typmod,
                                         const char* what) {
  Relation rel = table_open(relation, AccessShareLock);
  ParseState* pstate = make_parsestate(nullptr);
  pstate->p_sourcetext = text;
  ParseNamespaceItem* item =
      addRangeTableEntryForRelation(pstate, rel, AccessShareLock, nullptr, false, true);
  addNSItemToQuery(pstate, item, false, true, true);
  Node* node = finish(pstate, raw_expression(text), type, typmod, what);
  ParsedExpression out{node, nullptr};
  pull_varattnos(node, 1, &out.columns);
  for (int attno = FirstLowInvalidHeapAttributeNumber + 1; attno <= 0; attno++)
    if (bms_is_member(attno - FirstLowInvalidHeapAttributeNumber, out.columns))
      ereport(ERROR, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                      errmsg("%s reads a system column or the whole row", what),
                      errhint("Name the columns it needs.")));
  free_parsestate(pstate);
  table_close(rel, NoLock);
  return out;
}

// The only column an expression over one value may name.
struct OneColumn {
  const char* name;
  AttrNumber attnum;
  Oid type;
  int32 typmod;
  Oid collation;
};

static Node* resolve_one_column(ParseState* pstate, ColumnRef* ref) {
  auto* column = static_cast<OneColumn*>(pstate->p_ref_hook_state);
  if (list_length(ref->fields) != 1) return nullptr;
  Node* field = static_cast<Node*>(linitial(ref->fields));
  if (!IsA(field, String) || strcmp(strVal(field), column->name) != 0) return nullptr;
  return reinterpret_cast<Node*>(
      makeVar(1, column->attnum, column->type, column->typmod, column->collation, 0));
}

static Node* parse_over_column(OneColumn column, const char* text, Oid type, int32 typmod,
                               const char* what) {
  ParseState* pstate = make_parsestate(nullptr);
  pstate->p_sourcetext = text;
  pstate->p_pre_columnref_hook = resolve_one_column;
  pstate->p_ref_hook_state = &column;
  Node* node = finish(pstate, raw_expression(text), type, typmod, what);
  free_parsestate(pstate);
  return node;
}

// For an expression that reads nothing: says so, where the parser would say that there is no such
// column.
static Node* refuse_column(ParseState* pstate, ColumnRef*) {
  ereport(ERROR, (errcode(ERRCODE_INVALID_COLUMN_REFERENCE),
                  errmsg("%s reads a column", static_cast<const char*>(pstate->p_ref_hook_state)),
                  errdetail("It is stored whatever the other columns of the row are.")));
}

struct Inlined {
  Node* value;
};

static Node* inline_column(Node* node, Inlined* context) {
  if (node == nullptr) return nullptr;
  if (IsA(node, Var)) return static_cast<Node*>(copyObjectImpl(context->value));
  return expression_tree_mutator(node, as_mutator(inline_column), context);
}

}  // namespace raw

namespace {

ParsedExpression parse_over(Oid relation, const std::string& text, Oid type, int32_t typmod,
                            const std::string& what) {
  return call([&] {
    raw::MappingText context{text.c_str(), what.c_str(), {}};
    context.push();
    const ParsedExpression out =
        raw::parse_expression(relation, text.c_str(), type, typmod, what.c_str());
    context.pop();
    return out;
  });
}

Node* parse_alone(const std::string& text, Oid type, int32_t typmod, const std::string& what) {
  return call([&] {
    raw::MappingText context{text.c_str(), what.c_str(), {}};
    context.push();
    ParseState* pstate = make_parsestate(nullptr);
    pstate->p_sourcetext = text.c_str();
    pstate->p_pre_columnref_hook = raw::refuse_column;
    pstate->p_ref_hook_state = const_cast<char*>(what.c_str());
    Node* out = raw::finish(pstate, raw::raw_expression(text.c_str()), type, typmod, what.c_str(),
                            raw::Reads::kNothing);
    context.pop();
    return out;
  });
}

}  // namespace

ParsedExpression parse_expression(Oid relation, const std::string& text, Oid type, int32_t typmod,
                                  const std::string& what) {
  const PinnedSearchPath path(quote_schema_of(relation) + ", pg_temp");
  return parse_over(relation, text, type, typmod, what);
}

Node* parse_stored_expression(Oid relation, const std::string& text, Oid type, int32_t typmod,
                              const std::string& what) {
  const PinnedSearchPath path;
  return parse_over(relation, text, type, typmod, what).node;
}

Node* parse_over_column(Oid relation, const std::string& column, AttrNumber attnum, Oid column_type,
                        int32_t column_typmod, Oid column_collation, const std::string& text,
                        Oid type, int32_t typmod, const std::string& what) {
  const PinnedSearchPath path(quote_schema_of(relation) + ", pg_temp");
  const raw::OneColumn one{column.c_str(), attnum, column_type, column_typmod, column_collation};
  return call([&] {
    raw::MappingText context{text.c_str(), what.c_str(), {}};
    context.push();
    Node* out = raw::parse_over_column(one, text.c_str(), type, typmod, what.c_str());
    context.pop();
    return out;
  });
}

Node* parse_constant(Oid relation, const std::string& text, Oid type, int32_t typmod,
                     const std::string& what) {
  const PinnedSearchPath path(quote_schema_of(relation) + ", pg_temp");
  // It is the owner's text, whoever writes through a version or looks at one: the parser calls
  // functions for some constants, and needs rights on what the text names.
  const ActAs owner(relation_owner(relation), ActAs::Restricted{});
  return parse_alone(text, type, typmod, what);
}

Node* parse_stored_constant(const std::string& text, Oid type, int32_t typmod,
                            const std::string& what) {
  const PinnedSearchPath path;
  return parse_alone(text, type, typmod, what);
}

std::string compose(Oid view, Oid base, const std::string& column, const std::string& outer,
                    const std::string& inner, Oid type, int32_t typmod) {
  const PinnedSearchPath pinned;
  // Both are text of the table's owner, whoever calls.
  const ActAs owner(relation_owner(base), ActAs::Restricted{});
  Node* const inside = parse_expression(view, inner, InvalidOid, -1, "the write direction").node;
  const Oid inner_type = call([&] { return exprType(inside); });
  Node* const outside =
      parse_over_column(base, column, 1, inner_type, call([&] { return exprTypmod(inside); }),
                        call([&] { return exprCollation(inside); }), outer, type, typmod,
                        fmt::format("write_as \"{}\"", outer));
  return call([&] {
    raw::Inlined context{inside};
    return deparse_expression(raw::inline_column(outside, &context),
                              deparse_context_for(get_rel_name(view), view), false, false);
  });
}

}  // namespace strata::pg
