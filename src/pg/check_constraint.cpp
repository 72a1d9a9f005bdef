// Owns: CHECK constraint facts (see check_constraint.hpp).
#include "pg/check_constraint.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_constraint.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
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
  LeftOut context{rel, columns};
  Node* value = eval_const_expressions(nullptr, put_in_defaults(expression, &context));
  relation_close(rel, NoLock);
  if (!IsA(value, Const)) return false;
  auto* constant = reinterpret_cast<Const*>(value);
  return !constant->constisnull && !DatumGetBool(constant->constvalue);
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

bool check_fails_without(Oid relation, Oid constraint, const std::set<AttrNumber>& left_out) {
  return call([&] {
    Bitmapset* columns = nullptr;
    for (const AttrNumber attnum : left_out)
      columns = bms_add_member(columns, attnum);
    return raw::check_fails_without(relation, constraint, columns);
  });
}

std::string constraint_column(Oid constraint) {
  return call([&] { return raw::constraint_column(constraint); });
}

}  // namespace strata::pg
