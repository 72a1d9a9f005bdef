// Owns: converting a value from one type to another (see conversion.hpp).
#include "pg/conversion.hpp"

#include "pg/names.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_func.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
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

// Returns the column under nothing but casts; null when there is anything else.
static Var* column_under_casts(Node* expression) {
  for (;;) {
    if (IsA(expression, Var)) {
      auto* column = reinterpret_cast<Var*>(expression);
      return column->varattno > 0 ? column : nullptr;
    }
    if (IsA(expression, FuncExpr)) {
      auto* function = reinterpret_cast<FuncExpr*>(expression);
      // TRIM(x) and its like are COERCE_SQL_SYNTAX: calls, whatever the name of the enum says.
      const bool cast = function->funcformat == COERCE_EXPLICIT_CAST ||
                        function->funcformat == COERCE_IMPLICIT_CAST ||
                        is_narrow_function(function->funcid);
      if (!cast || function->args == NIL) return nullptr;
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
      return nullptr;
    }
  }
}

// An author's x::int::text rounds on its way, and x::varchar(3) cuts: whoever makes the conversion
// afresh from the two ends would lose that. So it must be the one that convert() makes of them.
bool is_cast_of_column(Node* expression, Var** column) {
  Var* under = column_under_casts(expression);
  if (under == nullptr) return false;
  bool same = IsA(expression, Var);
  for (bool keyed : {false, true})
    same = same || equal(expression,
                         convert(static_cast<Node*>(copyObjectImpl(under)), exprType(expression),
                                 exprTypmod(expression), exprCollation(expression), keyed));
  if (same) *column = under;
  return same;
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
