// Owns: reading a call of strata.retire off a parse tree (see retire_call.hpp).
#include "ddl/retire_call.hpp"

extern "C" {
#include "utils/varlena.h"
}

namespace strata::ddl {
namespace {

// Returns the only element of a list, null for another list.
const Node* only(const List* list) {
  return list_length(list) == 1 ? static_cast<const Node*>(linitial(list)) : nullptr;
}

// Returns the call when it is all that the query does.
const FuncCall* called_by(const SelectStmt* query) {
  if (query->op != SETOP_NONE || query->distinctClause != NIL || query->intoClause != nullptr ||
      query->fromClause != NIL || query->whereClause != nullptr || query->groupClause != NIL ||
      query->havingClause != nullptr || query->windowClause != NIL || query->valuesLists != NIL ||
      query->sortClause != NIL || query->limitOffset != nullptr || query->limitCount != nullptr ||
      query->lockingClause != NIL || query->withClause != nullptr)
    return nullptr;
  const Node* target = only(query->targetList);
  if (target == nullptr || !IsA(target, ResTarget)) return nullptr;
  const Node* value = reinterpret_cast<const ResTarget*>(target)->val;
  return value != nullptr && IsA(value, FuncCall) ? reinterpret_cast<const FuncCall*>(value)
                                                  : nullptr;
}

bool is_retire(const FuncCall* call) {
  return list_length(call->funcname) == 2 &&
         strcmp(strVal(linitial(call->funcname)), "strata") == 0 &&
         strcmp(strVal(lsecond(call->funcname)), "retire") == 0 && call->agg_order == NIL &&
         call->agg_filter == nullptr && call->over == nullptr && !call->agg_within_group &&
         !call->agg_star && !call->agg_distinct && !call->func_variadic;
}

// Casts of constants leave them what they are, for the types of these arguments.
const A_Const* constant(const Node* node) {
  while (node != nullptr && IsA(node, TypeCast))
    node = reinterpret_cast<const TypeCast*>(node)->arg;
  if (node == nullptr || !IsA(node, A_Const)) return nullptr;
  const auto* out = reinterpret_cast<const A_Const*>(node);
  return out->isnull ? nullptr : out;
}

const char* text_of(const A_Const* constant) {
  return IsA(&constant->val, String) ? constant->val.sval.sval : nullptr;
}

}  // namespace

bool read_retire_call(const Node* tree, RetireCall* out) noexcept {
  if (!IsA(tree, SelectStmt)) return false;
  const FuncCall* const call = called_by(reinterpret_cast<const SelectStmt*>(tree));
  if (call == nullptr || !is_retire(call)) return false;
  constexpr const char* kNames[] = {"base", "version", "force"};
  const A_Const* values[3] = {nullptr, nullptr, nullptr};
  int place = 0;
  const ListCell* cell;
  foreach (cell, call->args) {
    const Node* value = static_cast<const Node*>(lfirst(cell));
    int at = place++;
    if (IsA(value, NamedArgExpr)) {
      const auto* named = reinterpret_cast<const NamedArgExpr*>(value);
      for (at = 0; at < 3 && strcmp(named->name, kNames[at]) != 0;)
        at++;
      value = reinterpret_cast<const Node*>(named->arg);
    }
    if (at >= 3 || values[at] != nullptr) return false;
    values[at] = constant(value);
    if (values[at] == nullptr) return false;
  }
  if (values[0] == nullptr || values[1] == nullptr || values[2] == nullptr) return false;
  if (!IsA(&values[2]->val, Boolean) || !values[2]->val.boolval.boolval) return false;
  *out = {text_of(values[0]), text_of(values[1])};
  return out->base != nullptr && out->version != nullptr;
}

const char* raw::schema_named_in(const char* text) {
  List* names = NIL;
  if (!SplitIdentifierString(pstrdup(text), '.', &names) || list_length(names) != 1) return nullptr;
  return static_cast<const char*>(linitial(names));
}

const char* schema_named_in(const char* text) {
  return pg::call([&] { return raw::schema_named_in(text); });
}

}  // namespace strata::ddl
