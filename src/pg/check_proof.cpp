// Owns: what valid CHECK constraints prove (see table_facts.hpp).
#include "pg/table_facts.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_constraint.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace raw {

static NullTest* not_null_test(Form_pg_attribute column) {
  NullTest* test = makeNode(NullTest);
  test->arg = reinterpret_cast<Expr*>(
      makeVar(1, column->attnum, column->atttypid, column->atttypmod, column->attcollation, 0));
  test->nulltesttype = IS_NOT_NULL;
  test->location = -1;
  return test;
}

static List* valid_checks(Oid table) {
  List* known = NIL;
  Relation rel = table_open(ConstraintRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(table));
  SysScanDesc scan =
      systable_beginscan(rel, ConstraintRelidTypidNameIndexId, true, nullptr, 1, &key);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    auto* constraint = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple));
    if (constraint->contype != CONSTRAINT_CHECK || !constraint->convalidated) continue;
    bool isnull;
    Datum stored = heap_getattr(tuple, Anum_pg_constraint_conbin, RelationGetDescr(rel), &isnull);
    if (isnull) continue;
    auto* expression = static_cast<Expr*>(stringToNode(TextDatumGetCString(stored)));
    expression = canonicalize_qual(expression, true);
    known = list_concat(known, make_ands_implicit(expression));
  }
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return known;
}

// As ConstraintImpliedByRelConstraint in tablecmds.c, without folding constants: that would call
// functions.
static bool checks_prove(Oid table, List* not_null, List* conditions) {
  List* known = valid_checks(table);
  ListCell* cell;
  foreach (cell, not_null)
    known = lappend(known, lfirst(cell));
  return predicate_implied_by(conditions, known, true);
}

static NullTest* not_null_test(Oid table, AttrNumber number) {
  HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(table), Int16GetDatum(number));
  if (!HeapTupleIsValid(tuple)) return nullptr;
  NullTest* test = not_null_test(reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple)));
  ReleaseSysCache(tuple);
  return test;
}

}  // namespace raw

bool proves_not_null(Oid table, AttrNumber column) {
  return call([&] {
    NullTest* test = raw::not_null_test(table, column);
    return test != nullptr && raw::checks_prove(table, NIL, list_make1(test));
  });
}

bool checks_prove(Oid table, List* conditions) {
  const std::vector<ColumnFacts> columns = columns_of(table);
  List* not_null = NIL;
  for (const ColumnFacts& column : columns)
    if (column.not_null)
      not_null = call([&] {
        NullTest* test = raw::not_null_test(table, column.attnum);
        return test == nullptr ? not_null : lappend(not_null, test);
      });
  return call([&] { return raw::checks_prove(table, not_null, conditions); });
}

}  // namespace strata::pg
