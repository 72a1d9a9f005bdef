// The narrowing conversions an index can serve: strata.narrow_int4, narrow_int2, narrow_enum.
//
// After int -> bigint an old version reads the column as integer. A plain index on ((id)::integer)
// would make every INSERT of a larger id fail, for a row the new application may well write. So the
// version reads narrow_int4(id), and the planner (narrow_support, SupportRequestSimplify) turns
// that into narrow_int4_key(id), on which the index stands. The twin knows for whom it works by the
// form of its call, which equal() ignores and the index definition keeps: called by name, as in the
// index, it yields the nearest key; made by the planner, for a reader, it raises for a value the
// old type cannot hold. So writes never fail, look-ups use the index, and a reader is shown no
// false value. What remains: the server does not recheck what an index found, so a condition on
// exactly the key of such a row (the type's largest or smallest value; IS NULL for an enum) takes
// the row for a match as long as the column itself is not computed.
#include "pg/conversion.hpp"
#include "pg/function.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_proc.h"
#include "nodes/makefuncs.h"
#include "nodes/supportnodes.h"
#include "parser/parse_func.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::mapping {
namespace {

// Returns true when an index asks: it wants a key for any value.
bool for_index(const pg::Arguments& args) {
  const Node* call = args.info()->flinfo->fn_expr;
  return call != nullptr && IsA(call, FuncExpr) &&
         reinterpret_cast<const FuncExpr*>(call)->funcformat == COERCE_EXPLICIT_CALL;
}

template <class Narrow>
Narrow narrowed(int64_t value, bool saturate, const char* type) {
  constexpr int64_t low = std::numeric_limits<Narrow>::min();
  constexpr int64_t high = std::numeric_limits<Narrow>::max();
  if (value >= low && value <= high) return static_cast<Narrow>(value);
  if (saturate) return static_cast<Narrow>(value < low ? low : high);
  throw Error(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, fmt::format("{} out of range", type),
              fmt::format("The base column holds {}, which this version's type {} cannot show.",
                          value, type),
              "Clients that need such rows must use a newer version.");
}

// Returns the enum value of `target` with the label of `value`; InvalidOid when it has no such
// label.
Oid same_label(Oid value, Oid target) {
  return pg::call([&] {
    HeapTuple from = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));
    if (!HeapTupleIsValid(from)) return InvalidOid;  // cannot happen; then no label is the same
    NameData label = reinterpret_cast<Form_pg_enum>(GETSTRUCT(from))->enumlabel;
    ReleaseSysCache(from);
    HeapTuple to = SearchSysCache2(ENUMTYPOIDNAME, ObjectIdGetDatum(target), NameGetDatum(&label));
    if (!HeapTupleIsValid(to)) return InvalidOid;
    Oid found = reinterpret_cast<Form_pg_enum>(GETSTRUCT(to))->oid;
    ReleaseSysCache(to);
    return found;
  });
}

Datum narrow_enum_value(const pg::Arguments& args, bool saturate) {
  FunctionCallInfo info = args.info();
  if (args.is_null(0)) {
    info->isnull = true;
    return Datum{0};
  }
  const Oid target = pg::call([&] { return get_fn_expr_rettype(info->flinfo); });
  const Oid found = same_label(args.oid(0), target);
  if (OidIsValid(found)) return ObjectIdGetDatum(found);
  if (!saturate)
    throw Error(ERRCODE_INVALID_TEXT_REPRESENTATION,
                "the base column holds an enum label that this version does not know", "",
                "Clients that need such rows must use a newer version.");
  info->isnull = true;
  return Datum{0};
}

}  // namespace

STRATA_FUNCTION(narrow_int8_int4) {
  return Int32GetDatum(
      narrowed<int32_t>(DatumGetInt64(args.info()->args[0].value), false, "integer"));
}
STRATA_FUNCTION(narrow_int8_int4_key) {
  return Int32GetDatum(
      narrowed<int32_t>(DatumGetInt64(args.info()->args[0].value), for_index(args), "integer"));
}
STRATA_FUNCTION(narrow_int8_int2) {
  return Int16GetDatum(
      narrowed<int16_t>(DatumGetInt64(args.info()->args[0].value), false, "smallint"));
}
STRATA_FUNCTION(narrow_int8_int2_key) {
  return Int16GetDatum(
      narrowed<int16_t>(DatumGetInt64(args.info()->args[0].value), for_index(args), "smallint"));
}
STRATA_FUNCTION(narrow_int4_int2) {
  return Int16GetDatum(
      narrowed<int16_t>(DatumGetInt32(args.info()->args[0].value), false, "smallint"));
}
STRATA_FUNCTION(narrow_int4_int2_key) {
  return Int16GetDatum(
      narrowed<int16_t>(DatumGetInt32(args.info()->args[0].value), for_index(args), "smallint"));
}
STRATA_FUNCTION(narrow_enum) {
  return narrow_enum_value(args, false);
}
STRATA_FUNCTION(narrow_enum_key) {
  return narrow_enum_value(args, for_index(args));
}

// The planner's question about a narrow_* call; the answer is the call of its *_key twin.
STRATA_FUNCTION(narrow_support) {
  auto* request = reinterpret_cast<Node*>(DatumGetPointer(args.info()->args[0].value));
  if (!IsA(request, SupportRequestSimplify)) return PointerGetDatum(nullptr);
  FuncExpr* call = reinterpret_cast<SupportRequestSimplify*>(request)->fcall;
  FuncExpr* twin = pg::call([&]() -> FuncExpr* {
    const Oid found = pg::raw::narrow_key_of(call->funcid);
    if (!OidIsValid(found)) return nullptr;
    return makeFuncExpr(found, call->funcresulttype, call->args, call->funccollid,
                        call->inputcollid, COERCE_IMPLICIT_CAST);
  });
  return PointerGetDatum(twin);
}

}  // namespace strata::mapping
