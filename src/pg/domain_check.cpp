// Owns: foreseeing what a domain's CHECK says of defaults (see domain_check.hpp).
#include "pg/domain_check.hpp"

#include "pg/relation.hpp"
#include "pg/session.hpp"

extern "C" {
#include "access/table.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
}

namespace strata::pg {
namespace raw {

// Returns what the column gets, as a constant; null when only the INSERT can tell. The default is
// the table owner's, so it is folded with his rights.
static Const* left_out_value(Oid relation, AttrNumber attnum) {
  Relation rel = table_open(relation, AccessShareLock);
  Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), attnum - 1);
  int32 typmod = att->atttypmod;
  Oid base = getBaseTypeAndTypmod(att->atttypid, &typmod);
  Node* value = build_column_default(rel, attnum);
  if (value == nullptr) {
    value = reinterpret_cast<Node*>(makeNullConst(base, typmod, att->attcollation));
  } else {
    while (IsA(value, CoerceToDomain))
      value = reinterpret_cast<Node*>(reinterpret_cast<CoerceToDomain*>(value)->arg);
    ActingAs saved = act_restricted_as(rel->rd_rel->relowner);
    value = eval_const_expressions(nullptr, value);
    stop_acting(saved);
  }
  table_close(rel, NoLock);
  return IsA(value, Const) ? reinterpret_cast<Const*>(value) : nullptr;
}

static Node* resolve_value(ParseState* pstate, ColumnRef* ref) {
  Node* name = static_cast<Node*>(linitial(ref->fields));
  if (list_length(ref->fields) != 1 || !IsA(name, String) || strcmp(strVal(name), "value") != 0)
    return nullptr;
  return static_cast<Node*>(copyObjectImpl(pstate->p_ref_hook_state));
}

static bool domain_check_would_fail(Oid relation, AttrNumber attnum, Node* proposed) {
  Const* value = left_out_value(relation, attnum);
  if (value == nullptr) return false;
  ParseState* pstate = make_parsestate(nullptr);
  pstate->p_pre_columnref_hook = resolve_value;
  pstate->p_ref_hook_state = value;
  Node* check =
      transformExpr(pstate, static_cast<Node*>(copyObjectImpl(proposed)), EXPR_KIND_DOMAIN_CHECK);
  check = coerce_to_boolean(pstate, check, "CHECK");
  assign_expr_collations(pstate, check);
  free_parsestate(pstate);
  Node* result = eval_const_expressions(nullptr, check);
  if (!IsA(result, Const)) return false;
  auto* constant = reinterpret_cast<Const*>(result);
  return !constant->constisnull && !DatumGetBool(constant->constvalue);
}

}  // namespace raw

bool domain_check_would_fail(Oid relation, AttrNumber attnum, Node* proposed) {
  // Folding evaluates what no row may ever evaluate, and what is wrong with the CHECK is for the
  // server to say.
  try {
    Subtransaction attempt;
    const bool out = call([&] { return raw::domain_check_would_fail(relation, attnum, proposed); });
    attempt.commit();
    return out;
  } catch (const Error& error) {
    if (error.is_cancel()) throw;
    return false;
  }
}

}  // namespace strata::pg
