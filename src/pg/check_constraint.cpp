// Owns: CHECK constraint facts (see check_constraint.hpp).
#include "pg/check_constraint.hpp"

#include "pg/session.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_constraint.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_relation.h"
#include "rewrite/rewriteHandler.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace raw {

// Returns false when pg_class says that there is no CHECK constraint, which spares the scan.
static bool has_checks(Oid relation) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return false;
  bool some = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relchecks > 0;
  ReleaseSysCache(tuple);
  return some;
}

static List* check_constraints(Oid relation) {
  List* out = NIL;
  if (!has_checks(relation)) return out;
  Relation rel = table_open(ConstraintRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  SysScanDesc scan =
      systable_beginscan(rel, ConstraintRelidTypidNameIndexId, true, nullptr, 1, &key);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    auto* row = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple));
    if (row->contype == CONSTRAINT_CHECK) out = lappend_oid(out, row->oid);
  }
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return out;
}

struct LeftOut {
  Relation relation;
  Bitmapset* columns;
};

static Node* put_in_defaults(Node* node, LeftOut* context) {
  if (node == nullptr) return nullptr;
  if (IsA(node, Var)) {
    auto* var = reinterpret_cast<Var*>(node);
    if (var->varattno <= 0 || !bms_is_member(var->varattno, context->columns))
      return static_cast<Node*>(copyObjectImpl(node));
    Node* value = build_column_default(context->relation, var->varattno);
    if (value != nullptr) return value;
    return reinterpret_cast<Node*>(makeNullConst(var->vartype, var->vartypmod, var->varcollid));
  }
  return expression_tree_mutator(node, as_mutator(put_in_defaults), context);
}

// Returns true when the expression is false, whatever columns outside of `columns` hold. Folding it
// calls immutable functions, also those of defaults: with the rights of the table's owner, whoever
// alters the table.
static bool is_false(Relation rel, Node* expression, Bitmapset* columns) {
  LeftOut context{rel, columns};
  ActingAs saved = act_restricted_as(rel->rd_rel->relowner);
  Node* value = eval_const_expressions(nullptr, put_in_defaults(expression, &context));
  stop_acting(saved);
  if (!IsA(value, Const)) return false;
  auto* constant = reinterpret_cast<Const*>(value);
  return !constant->constisnull && !DatumGetBool(constant->constvalue);
}

static bool check_fails_without(Oid relation, Oid constraint, Bitmapset* columns) {
  HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
  if (!HeapTupleIsValid(tuple)) return false;
  bool isnull;
  Datum stored = SysCacheGetAttr(CONSTROID, tuple, Anum_pg_constraint_conbin, &isnull);
  Node* expression =
      isnull ? nullptr : static_cast<Node*>(stringToNode(TextDatumGetCString(stored)));
  ReleaseSysCache(tuple);
  if (expression == nullptr) return false;
  Relation rel = relation_open(relation, AccessShareLock);
  bool fails = is_false(rel, expression, columns);
  relation_close(rel, NoLock);
  return fails;
}

// The column names in a raw expression; null in the list for anything that is more than that.
static bool names_walker(Node* node, List** names) {
  if (node == nullptr) return false;
  if (IsA(node, ColumnRef)) {
    auto* ref = reinterpret_cast<ColumnRef*>(node);
    Node* last = static_cast<Node*>(llast(ref->fields));
    bool plain = list_length(ref->fields) == 1 && IsA(last, String);
    *names = lappend(*names, plain ? pstrdup(strVal(last)) : nullptr);
    return false;
  }
  if (IsA(node, SubLink)) *names = lappend(*names, nullptr);
  return raw_expression_tree_walker(node, as_walker(names_walker), names);
}

static List* names_in(Node* proposed) {
  List* names = NIL;
  names_walker(proposed, &names);
  return names;
}

static bool check_would_fail_without(Oid relation, Node* proposed, Bitmapset* columns) {
  Relation rel = relation_open(relation, AccessShareLock);
  ParseState* pstate = make_parsestate(nullptr);
  ParseNamespaceItem* item =
      addRangeTableEntryForRelation(pstate, rel, AccessShareLock, nullptr, false, true);
  addNSItemToQuery(pstate, item, false, true, true);
  Node* copy = static_cast<Node*>(copyObjectImpl(proposed));
  Node* expression = transformExpr(pstate, copy, EXPR_KIND_CHECK_CONSTRAINT);
  expression = coerce_to_boolean(pstate, expression, "CHECK");
  assign_expr_collations(pstate, expression);
  bool fails = is_false(rel, expression, columns);
  free_parsestate(pstate);
  relation_close(rel, NoLock);
  return fails;
}

struct NullColumn {
  AttrNumber attnum;
};

static Node* put_in_null(Node* node, NullColumn* column) {
  if (node == nullptr) return nullptr;
  if (IsA(node, Var) && reinterpret_cast<Var*>(node)->varattno == column->attnum) {
    auto* var = reinterpret_cast<Var*>(node);
    return reinterpret_cast<Node*>(makeNullConst(var->vartype, var->vartypmod, var->varcollid));
  }
  return expression_tree_mutator(node, as_mutator(put_in_null), column);
}

static bool bounds_exclude_null(Oid partition, AttrNumber attnum) {
  Relation rel = relation_open(partition, AccessShareLock);
  Node* bounds = reinterpret_cast<Node*>(make_ands_explicit(RelationGetPartitionQual(rel)));
  NullColumn column{attnum};
  bool out = is_false(rel, put_in_null(bounds, &column), nullptr);
  relation_close(rel, NoLock);
  return out;
}

static const char* constraint_column(Oid constraint) {
  HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
  if (!HeapTupleIsValid(tuple)) return "";
  auto* row = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple));
  const char* out = pstrdup(NameStr(row->conname));
  bool isnull;
  Datum keys = SysCacheGetAttr(CONSTROID, tuple, Anum_pg_constraint_conkey, &isnull);
  if (!isnull) {
    ArrayType* array = DatumGetArrayTypeP(keys);
    if (ARR_NDIM(array) == 1 && ARR_DIMS(array)[0] > 0)
      out = get_attname(row->conrelid, reinterpret_cast<int16*>(ARR_DATA_PTR(array))[0], false);
  }
  ReleaseSysCache(tuple);
  return out;
}

}  // namespace raw

std::set<Oid> check_constraints(Oid relation) {
  List* const found = call([&] { return raw::check_constraints(relation); });
  std::set<Oid> out;
  ListCell* cell;
  foreach (cell, found)
    out.insert(lfirst_oid(cell));
  return out;
}

static Bitmapset* bitmap_of(const std::set<AttrNumber>& left_out) {
  Bitmapset* columns = nullptr;
  for (const AttrNumber attnum : left_out)
    columns = call([&] { return bms_add_member(columns, attnum); });
  return columns;
}

// Returns what `test` returns; false when it raises. Folding evaluates what no row may ever
// evaluate (1/b behind an OR), and what is wrong with a proposed CHECK is for the server to say.
template <class Test>
static bool certainly(Test&& test) {
  try {
    Subtransaction attempt;
    const bool out = call(test);
    attempt.commit();
    return out;
  } catch (const Error& error) {
    if (error.is_cancel()) throw;
    return false;
  }
}

bool check_fails_without(Oid relation, Oid constraint, const std::set<AttrNumber>& left_out) {
  Bitmapset* const columns = bitmap_of(left_out);
  return certainly([&] { return raw::check_fails_without(relation, constraint, columns); });
}

bool check_would_fail_without(Oid relation, Node* proposed, const std::set<std::string>& known,
                              const std::set<AttrNumber>& left_out) {
  List* const names = call([&] { return raw::names_in(proposed); });
  ListCell* cell;
  foreach (cell, names) {
    const auto* name = static_cast<const char*>(lfirst(cell));
    if (name == nullptr || known.count(name) == 0) return false;
  }
  Bitmapset* const columns = bitmap_of(left_out);
  return certainly([&] { return raw::check_would_fail_without(relation, proposed, columns); });
}

bool bounds_exclude_null(Oid partition, AttrNumber attnum) {
  return certainly([&] { return raw::bounds_exclude_null(partition, attnum); });
}

std::string proposed_column(Node* proposed) {
  List* const names = call([&] { return raw::names_in(proposed); });
  if (names == NIL || linitial(names) == nullptr) return {};
  return static_cast<const char*>(linitial(names));
}

std::string constraint_column(Oid constraint) {
  return call([&] { return raw::constraint_column(constraint); });
}

}  // namespace strata::pg
