// Owns: substitution by parsing again (see substitute.hpp).
#include "pg/substitute.hpp"

#include "pg/mapping_text.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"

extern "C" {
#include "nodes/makefuncs.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parser.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
}

namespace strata::pg::raw {
namespace {

struct Columns {
  Oid relation;
  Node** replacements;
  int count;
};

Node* resolve(ParseState* pstate, ColumnRef* ref) {
  auto* columns = static_cast<Columns*>(pstate->p_ref_hook_state);
  Node* field = static_cast<Node*>(linitial(ref->fields));
  if (list_length(ref->fields) != 1 || !IsA(field, String)) return nullptr;
  AttrNumber attnum = get_attnum(columns->relation, strVal(field));
  if (attnum <= 0) return nullptr;
  if (attnum < columns->count && columns->replacements[attnum] != nullptr)
    return static_cast<Node*>(copyObjectImpl(columns->replacements[attnum]));
  Oid type;
  int32 typmod;
  Oid collation;
  get_atttypetypmodcoll(columns->relation, attnum, &type, &typmod, &collation);
  return reinterpret_cast<Node*>(makeVar(1, attnum, type, typmod, collation, 0));
}

}  // namespace

Node* substitute(Node* expression, Oid relation, Node** replacements, int count,
                 ParseExprKind kind) {
  if (expression == nullptr) return nullptr;
  // Implicit casts are left out of the text: they belong to the old types.
  // Parsed with the rights of the table's owner, whose index it is: the parser calls functions for
  // some constants.
  const char* text = deparse_expression(
      expression, deparse_context_for(get_rel_name(relation), relation), false, false);
  MappingText context{text, "index that serves versions", {}};
  context.push();
  auto* select = reinterpret_cast<SelectStmt*>(
      linitial_node(RawStmt, raw_parser(text, RAW_PARSE_PLPGSQL_EXPR))->stmt);
  Columns columns{relation, replacements, count};
  ParseState* pstate = make_parsestate(nullptr);
  pstate->p_sourcetext = text;
  pstate->p_pre_columnref_hook = resolve;
  pstate->p_ref_hook_state = &columns;
  ActingAs saved = act_restricted_as(relation_owner(relation));
  Node* out = transformExpr(pstate, linitial_node(ResTarget, select->targetList)->val, kind);
  stop_acting(saved);
  assign_expr_collations(pstate, out);
  free_parsestate(pstate);
  context.pop();
  return out;
}

}  // namespace strata::pg::raw
