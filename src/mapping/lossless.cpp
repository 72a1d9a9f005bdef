// Owns: the lists of casts that are exact or raise, and of expressions that undo each other (see
// lossless.hpp).
//
// What is not on it, and why: numeric to integer and float8 to float4 round; timestamp to date cuts
// off; timestamptz depends on TimeZone; json, uuid, inet and numeric in text have several spellings
// of one value; a cast to a shorter varchar or to char truncates.
#include "mapping/lossless.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

namespace strata::mapping::raw {
namespace {

bool is_integer(Oid type) {
  return type == INT2OID || type == INT4OID || type == INT8OID;
}

bool is_text(Oid type) {
  return type == TEXTOID || type == VARCHAROID;
}

bool is_label(Oid type) {
  return is_text(type) || type_is_enum(type);
}

// Every value of the narrower type is one of the wider type.
bool is_wider(Oid narrow, Oid wide) {
  switch (wide) {
    case NUMERICOID:
      return is_integer(narrow);
    case FLOAT8OID:
      return narrow == INT2OID || narrow == INT4OID || narrow == FLOAT4OID;
    case FLOAT4OID:
      return narrow == INT2OID;
    case TIMESTAMPOID:
      return narrow == DATEOID;
    default:
      return false;
  }
}

}  // namespace

bool stores_exactly(Oid version, int32_t version_typmod, Oid base, int32_t base_typmod) {
  version = getBaseTypeAndTypmod(version, &version_typmod);
  base = getBaseTypeAndTypmod(base, &base_typmod);
  if (version == base && version_typmod == base_typmod) return true;
  if (is_integer(version) && is_integer(base)) return true;
  // An assignment to a shorter varchar cuts blanks off.
  if (is_text(version) && is_text(base))
    return base_typmod == -1 || (version_typmod != -1 && version_typmod <= base_typmod);
  if (is_label(version) && is_label(base)) return base_typmod == -1;
  return is_wider(version, base) && base_typmod == -1;
}

bool keeps_values(Oid version, int32_t version_typmod, Oid base, int32_t base_typmod) {
  version = getBaseTypeAndTypmod(version, &version_typmod);
  base = getBaseTypeAndTypmod(base, &base_typmod);
  if (version == base && version_typmod == base_typmod) return true;
  if (is_integer(version) && is_integer(base)) return true;
  if (is_text(version) && is_text(base)) return version_typmod == base_typmod;
  // By label: a label that the other side does not have raises.
  return is_label(version) && is_label(base) && version_typmod == -1 && base_typmod == -1;
}

namespace {

// An expression that changes one column reversibly: what is done to it, and with which constant.
struct Change {
  enum class How { kNone, kAdd, kSubtract, kSubtractFrom, kNegate, kNot } how = How::kNone;
  Const* by = nullptr;
};

Change change_of(Node* expression) {
  if (IsA(expression, BoolExpr)) {
    auto* logic = reinterpret_cast<BoolExpr*>(expression);
    if (logic->boolop == NOT_EXPR && IsA(linitial(logic->args), Var)) return {Change::How::kNot};
    return {};
  }
  if (!IsA(expression, OpExpr)) return {};
  auto* operation = reinterpret_cast<OpExpr*>(expression);
  auto* left = static_cast<Node*>(linitial(operation->args));
  const Oid function = get_opcode(operation->opno);
  if (list_length(operation->args) == 1) {
    const bool negates = function == F_INT2UM || function == F_INT4UM || function == F_INT8UM;
    return negates && IsA(left, Var) ? Change{Change::How::kNegate} : Change{};
  }
  auto* right = static_cast<Node*>(lsecond(operation->args));
  const bool adds = function == F_INT2PL || function == F_INT4PL || function == F_INT8PL;
  const bool subtracts = function == F_INT2MI || function == F_INT4MI || function == F_INT8MI;
  if ((!adds && !subtracts)) return {};
  if (IsA(left, Var) && IsA(right, Const))
    return {adds ? Change::How::kAdd : Change::How::kSubtract, reinterpret_cast<Const*>(right)};
  if (IsA(left, Const) && IsA(right, Var))
    return {adds ? Change::How::kAdd : Change::How::kSubtractFrom, reinterpret_cast<Const*>(left)};
  return {};
}

Change::How inverse_of(Change::How how) {
  if (how == Change::How::kAdd) return Change::How::kSubtract;
  if (how == Change::How::kSubtract) return Change::How::kAdd;
  return how;
}

}  // namespace

bool undo_each_other(Node* read, Node* write) {
  if (exprType(read) != exprType(write)) return false;
  const Change one = change_of(read);
  const Change other = change_of(write);
  if (one.how == Change::How::kNone || other.how != inverse_of(one.how)) return false;
  if (one.by == nullptr) return true;
  return !one.by->constisnull && equal(one.by, other.by);
}

}  // namespace strata::mapping::raw
