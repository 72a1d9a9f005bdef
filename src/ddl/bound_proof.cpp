// Owns: proving the bounds of partitions (see bound_proof.hpp).
#include "ddl/bound_proof.hpp"

#include "pg/table_facts.hpp"

extern "C" {
#include "access/transam.h"
#include "catalog/pg_partitioned_table.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_oper.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::ddl {
namespace raw {

// Returns the one column of the parent's key; 0 when there are more, or expressions.
static AttrNumber key_column(Oid parent) {
  HeapTuple tuple = SearchSysCache1(PARTRELID, ObjectIdGetDatum(parent));
  if (!HeapTupleIsValid(tuple)) return 0;
  auto* row = reinterpret_cast<Form_pg_partitioned_table>(GETSTRUCT(tuple));
  AttrNumber out = row->partnatts == 1 ? row->partattrs.values[0] : AttrNumber{0};
  ReleaseSysCache(tuple);
  return out;
}

static bool is_constant(Node* value) {
  return IsA(value, A_Const) && !reinterpret_cast<A_Const*>(value)->isnull;
}

// Returns "column operator value"; the value is a constant, so nothing is looked up for it.
static Node* compare(ParseState* state, Var* column, const char* name, Node* value) {
  Node* constant = transformExpr(state, value, EXPR_KIND_PARTITION_BOUND);
  constant =
      coerce_to_target_type(state, constant, exprType(constant), column->vartype, column->vartypmod,
                            COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
  if (constant == nullptr || !IsA(constant, Const)) return nullptr;
  List* operation = list_make1(makeString(pstrdup(name)));
  Node* out = reinterpret_cast<Node*>(make_op(
      state, operation, reinterpret_cast<Node*>(copyObjectImpl(column)), constant, nullptr, -1));
  assign_expr_collations(state, out);
  return out;
}

// Returns the conditions that the bound means; NIL when it has something else than one constant.
static List* conditions(const PartitionBoundSpec* bound, Var* column) {
  ParseState* state = make_parsestate(nullptr);
  NullTest* test = makeNode(NullTest);
  test->arg = reinterpret_cast<Expr*>(copyObjectImpl(column));
  test->nulltesttype = IS_NOT_NULL;
  test->location = -1;
  List* out = list_make1(test);
  const bool in_list = bound->strategy == PARTITION_STRATEGY_LIST;
  struct Side {
    List* values;
    const char* name;
  } sides[] = {{in_list ? bound->listdatums : bound->lowerdatums, in_list ? "=" : ">="},
               {in_list ? NIL : bound->upperdatums, "<"}};
  for (const Side& side : sides) {
    if (in_list && side.values == NIL) continue;
    if (list_length(side.values) != 1) return NIL;
    auto* value = static_cast<Node*>(linitial(side.values));
    if (IsA(value, ColumnRef)) continue;  // MINVALUE, MAXVALUE
    if (!is_constant(value)) return NIL;
    Node* condition = compare(state, column, side.name, value);
    if (condition == nullptr) return NIL;
    out = lappend(out, condition);
  }
  return out;
}

}  // namespace raw

bool bound_is_proven(Oid parent, Oid child, const PartitionBoundSpec* bound) {
  if (bound->is_default || bound->strategy == PARTITION_STRATEGY_HASH) return false;
  const AttrNumber key = pg::call([&] { return raw::key_column(parent); });
  if (key == 0) return false;
  const char* name = pg::call([&] { return get_attname(parent, key, true); });
  const pg::ColumnFacts column = name ? pg::column_facts(child, name) : pg::ColumnFacts{};
  // Input functions of types that users make are not called.
  if (!column.exists() || column.type >= FirstNormalObjectId) return false;
  List* const conditions = pg::call([&] {
    return raw::conditions(
        bound, makeVar(1, column.attnum, column.type, column.typmod, column.collation, 0));
  });
  return conditions != NIL && pg::checks_prove(child, conditions);
}

}  // namespace strata::ddl
