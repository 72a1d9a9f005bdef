// Owns: parsing mapping expressions and building conversions (see expression.hpp).
#include "pg/expression.hpp"

#include "pg/mapping_text.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_func.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace strata::pg {
namespace raw {

// Returns our narrowing function for the pair, or InvalidOid. Its twin serves the index: see
// mapping/narrow.cpp. The built-in cast would make the index raise for values the old type cannot
// hold, and so refuse rows that the new application may well write.
static Oid narrow_function(Oid from, Oid to) {
  const char* name = nullptr;
  if (from == INT8OID && to == INT4OID) name = "narrow_int4";
  if ((from == INT8OID || from == INT4OID) && to == INT2OID) name = "narrow_int2";
  if (name == nullptr) return InvalidOid;
  Oid argument = from;
  return LookupFuncName(list_make2(makeString(pstrdup("strata")), makeString(pstrdup(name))), 1,
                        &argument, true);
}

static Oid narrow_enum_function() {
  Oid arguments[] = {ANYENUMOID, ANYCOMPATIBLEOID};
  return LookupFuncName(
      list_make2(makeString(pstrdup("strata")), makeString(pstrdup("narrow_enum"))), 2, arguments,
      true);
}

// Returns the type in between when two types have no cast but share their notation (an enum and the
// enum that replaces it, composites, ranges, domains over them): text, or text[] for arrays of
// such. InvalidOid for other pairs.
static Oid text_between(Oid from, Oid to) {
  from = getBaseType(from);
  to = getBaseType(to);
  Oid between = TEXTOID;
  if (OidIsValid(get_element_type(from)) && OidIsValid(get_element_type(to))) {
    from = getBaseType(get_element_type(from));
    to = getBaseType(get_element_type(to));
    between = TEXTARRAYOID;
  }
  char a = get_typtype(from);
  if (a != get_typtype(to)) return InvalidOid;
  return a == TYPTYPE_ENUM || a == TYPTYPE_COMPOSITE || a == TYPTYPE_RANGE ? between : InvalidOid;
}

static Node* convert_through(Oid between, Node* value, Oid type, int32 typmod) {
  Node* text = coerce_to_target_type(nullptr, value, exprType(value), between, -1,
                                     COERCION_EXPLICIT, COERCE_EXPLICIT_CAST, -1);
  if (text == nullptr) return nullptr;
  return coerce_to_target_type(nullptr, text, between, type, typmod, COERCION_EXPLICIT,
                               COERCE_EXPLICIT_CAST, -1);
}

Node* convert(Node* value, Oid type, int32 typmod, Oid collation, bool keyed) {
  Oid from = exprType(value);
  Node* out = nullptr;
  if (from == type && (typmod == -1 || exprTypmod(value) == typmod)) {
    out = value;
  } else if (keyed && OidIsValid(narrow_function(from, type))) {
    out = reinterpret_cast<Node*>(makeFuncExpr(narrow_function(from, type), type, list_make1(value),
                                               InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL));
  } else if (keyed && type_is_enum(from) && type_is_enum(type)) {
    out = reinterpret_cast<Node*>(makeFuncExpr(
        narrow_enum_function(), type, list_make2(value, makeNullConst(type, -1, InvalidOid)),
        InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL));
  } else {
    out = coerce_to_target_type(nullptr, value, from, type, typmod, COERCION_EXPLICIT,
                                COERCE_EXPLICIT_CAST, -1);
    if (out == nullptr && OidIsValid(text_between(from, type)))
      out = convert_through(text_between(from, type), value, type, typmod);
  }
  if (out == nullptr) return nullptr;
  assign_expr_collations(nullptr, out);
  if (OidIsValid(collation) && exprCollation(out) != collation) {
    CollateExpr* collate = makeNode(CollateExpr);
    collate->arg = reinterpret_cast<Expr*>(out);
    collate->collOid = collation;
    collate->location = -1;
    out = reinterpret_cast<Node*>(collate);
  }
  return out;
}

// Returns true for a function of ours that stands for a cast.
static bool is_narrow_function(Oid function) {
  if (get_func_namespace(function) != get_namespace_oid("strata", true)) return false;
  const char* name = get_func_name(function);
  return name != nullptr && strncmp(name, "narrow_", 7) == 0;
}

Oid narrow_key_of(Oid function) {
  if (!is_narrow_function(function)) return InvalidOid;
  int count = 0;
  Oid* types = nullptr;
  (void)get_func_signature(function, &types, &count);
  return LookupFuncName(list_make2(makeString(pstrdup("strata")),
                                   makeString(psprintf("%s_key", get_func_name(function)))),
                        count, types, true);
}

bool is_cast_of_column(Node* expression, Var** column) {
  for (;;) {
    if (IsA(expression, Var)) {
      *column = reinterpret_cast<Var*>(expression);
      return (*column)->varattno > 0;
    }
    if (IsA(expression, FuncExpr)) {
      auto* function = reinterpret_cast<FuncExpr*>(expression);
      if (function->args == NIL) return false;
      if (function->funcformat == COERCE_EXPLICIT_CALL && !is_narrow_function(function->funcid))
        return false;
      expression = static_cast<Node*>(linitial(function->args));
    } else if (IsA(expression, RelabelType)) {
      expression = reinterpret_cast<Node*>(reinterpret_cast<RelabelType*>(expression)->arg);
    } else if (IsA(expression, CoerceViaIO)) {
      expression = reinterpret_cast<Node*>(reinterpret_cast<CoerceViaIO*>(expression)->arg);
    } else if (IsA(expression, ArrayCoerceExpr)) {
      expression = reinterpret_cast<Node*>(reinterpret_cast<ArrayCoerceExpr*>(expression)->arg);
    } else if (IsA(expression, CoerceToDomain)) {
      expression = reinterpret_cast<Node*>(reinterpret_cast<CoerceToDomain*>(expression)->arg);
    } else if (IsA(expression, CollateExpr)) {
      expression = reinterpret_cast<Node*>(reinterpret_cast<CollateExpr*>(expression)->arg);
    } else {
      return false;
    }
  }
}

// Parses text of the form of an expression into a raw tree.
static Node* raw_expression(const char* text) {
  List* parsed = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
  auto* select = reinterpret_cast<SelectStmt*>(linitial_node(RawStmt, parsed)->stmt);
  if (!IsA(select, SelectStmt) || list_length(select->targetList) != 1 || select->fromClause ||
      select->whereClause || select->groupClause || select->havingClause || select->sortClause ||
      select->limitCount || select->distinctClause || select->op != SETOP_NONE)
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

// Analyzes the raw expression against the pstate's relations and coerces it to the type. The kind
// is that of a generated column: no subqueries, aggregates, window or set-returning functions.
static Node* finish(ParseState* pstate, Node* tree, Oid type, int32 typmod, const char* what,
                    ParseExprKind kind = EXPR_KIND_CHECK_CONSTRAINT) {
  Node* node = transformExpr(pstate, tree, kind);
  Oid from = exprType(node);
  if (OidIsValid(type)) {
    Node* coerced = coerce_to_target_type(pstate, node, from, type, typmod, COERCION_ASSIGNMENT,
                                          COERCE_IMPLICIT_CAST, -1);
    if (coerced == nullptr)
      ereport(ERROR,
              (errcode(ERRCODE_DATATYPE_MISMATCH),
               errmsg("%s is of type %s, not %s", what, format_type_be(from),
                      format_type_with_typemod(type, typmod)),
               errhint("Cast the expression to %s.", format_type_with_typemod(type, typmod))));
    node = coerced;
  }
  assign_expr_collations(pstate, node);
  if (kind != EXPR_KIND_COLUMN_DEFAULT && contain_volatile_functions(node))
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

struct Inlined {
  Node* value;
};

static Node* inline_column(Node* node, Inlined* context) {
  if (node == nullptr) return nullptr;
  if (IsA(node, Var)) return static_cast<Node*>(copyObjectImpl(context->value));
  return expression_tree_mutator(node, as_mutator(inline_column), context);
}

static ConversionFacts conversion_facts(Oid from, int32 from_typmod, Oid to, int32 to_typmod) {
  using Path = ConversionFacts::Path;
  ConversionFacts facts{Path::kNone, false, true, false};
  if (from == to && (to_typmod == -1 || from_typmod == to_typmod)) {
    facts.path = Path::kSame;
    return facts;
  }
  CaseTestExpr* value = makeNode(CaseTestExpr);
  value->typeId = from;
  value->typeMod = from_typmod;
  value->collation = get_typcollation(from);
  Node* plain = convert(reinterpret_cast<Node*>(value), to, to_typmod, InvalidOid, false);
  if (plain == nullptr) return facts;
  Oid function = InvalidOid;
  CoercionPathType path =
      find_coercion_pathway(getBaseType(to), getBaseType(from), COERCION_EXPLICIT, &function);
  char to_category = ' ';
  bool preferred = false;
  get_type_category_preferred(getBaseType(to), &to_category, &preferred);
  facts.path = path == COERCION_PATH_RELABELTYPE                                 ? Path::kRelabel
               : path == COERCION_PATH_FUNC || path == COERCION_PATH_ARRAYCOERCE ? Path::kFunction
                                                                                 : Path::kText;
  // A cast that is in pg_cast is one its author vouches for, also where it goes through text (jsonb
  // to json); one that the server makes up from input and output functions is not.
  facts.may_fail = facts.path == Path::kText && to_category != TYPCATEGORY_STRING &&
                   !SearchSysCacheExists2(CASTSOURCETARGET, ObjectIdGetDatum(getBaseType(from)),
                                          ObjectIdGetDatum(getBaseType(to)));
  if (OidIsValid(text_between(from, to))) facts.may_fail = false;  // the author's own labels
  facts.needs_key =
      OidIsValid(narrow_function(from, to)) || (type_is_enum(from) && type_is_enum(to));
  facts.indexable = facts.needs_key || !contain_mutable_functions(plain);
  return facts;
}

}  // namespace raw

ParsedExpression parse_expression(Oid relation, const std::string& text, Oid type, int32_t typmod,
                                  const std::string& what) {
  const PinnedSearchPath path(quote_schema_of(relation) + ", pg_temp");
  return call([&] {
    raw::MappingText context{text.c_str(), what.c_str(), {}};
    context.push();
    const ParsedExpression out =
        raw::parse_expression(relation, text.c_str(), type, typmod, what.c_str());
    context.pop();
    return out;
  });
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
  return call([&] {
    raw::MappingText context{text.c_str(), what.c_str(), {}};
    context.push();
    ParseState* pstate = make_parsestate(nullptr);
    pstate->p_sourcetext = text.c_str();
    Node* out = raw::finish(pstate, raw::raw_expression(text.c_str()), type, typmod, what.c_str(),
                            EXPR_KIND_COLUMN_DEFAULT);
    context.pop();
    return out;
  });
}

std::string compose(Oid view, Oid base, const std::string& column, const std::string& outer,
                    const std::string& inner, Oid type, int32_t typmod) {
  const PinnedSearchPath pinned;
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

std::string cast_sql(const std::string& expression, Oid from, Oid to, int32_t to_typmod) {
  const Oid between = call([&] {
    Oid function = InvalidOid;
    const bool casts = find_coercion_pathway(getBaseType(to), getBaseType(from), COERCION_EXPLICIT,
                                             &function) != COERCION_PATH_NONE;
    return casts || getBaseType(from) == getBaseType(to) ? InvalidOid : raw::text_between(from, to);
  });
  const std::string type = type_display(to, to_typmod);
  if (!OidIsValid(between)) return fmt::format("({})::{}", expression, type);
  return fmt::format("({})::{}::{}", expression, type_display(between, -1), type);
}

ConversionFacts conversion_facts(Oid from, int32_t from_typmod, Oid to, int32_t to_typmod) {
  return call([&] { return raw::conversion_facts(from, from_typmod, to, to_typmod); });
}

}  // namespace strata::pg
