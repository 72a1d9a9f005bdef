// Owns: the way from the queries of a view and its inverse view to a write mapping (see
// mapping_tree.hpp).
#include "rewrite/mapping_tree.hpp"

#include "mapping/lossless.hpp"
#include "pg/conversion.hpp"
#include "pg/expression.hpp"
#include "pg/view_query.hpp"
#include "rewrite/unchanged.hpp"

extern "C" {
#include "access/relation.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/lsyscache.h"
}

namespace strata::rewrite::raw {

static void add_write(WriteMapping* mapping, const BaseWrite& write) {
  mapping->writes[mapping->write_count++] = write;
}

// Returns true when at most one conversion stands between the column and what is shown, besides
// those that only change how a value is labelled; its ends then say whether it keeps values.
static bool is_one_hop(Node* expression) {
  int hops = 0;
  while (expression != nullptr && !IsA(expression, Var)) {
    if (IsA(expression, FuncExpr)) {
      hops++;
      expression = static_cast<Node*>(linitial(reinterpret_cast<FuncExpr*>(expression)->args));
    } else if (IsA(expression, CoerceViaIO)) {
      hops++;
      expression = reinterpret_cast<Node*>(reinterpret_cast<CoerceViaIO*>(expression)->arg);
    } else if (IsA(expression, RelabelType)) {
      expression = reinterpret_cast<Node*>(reinterpret_cast<RelabelType*>(expression)->arg);
    } else if (IsA(expression, CoerceToDomain)) {
      expression = reinterpret_cast<Node*>(reinterpret_cast<CoerceToDomain*>(expression)->arg);
    } else if (IsA(expression, CollateExpr)) {
      expression = reinterpret_cast<Node*>(reinterpret_cast<CollateExpr*>(expression)->arg);
    } else {
      return false;
    }
  }
  return hops <= 1;
}

// Returns `value` as an assignment would store it in the column: lengths are checked, not cut.
static Node* stored(Node* value, Form_pg_attribute att) {
  Node* out = coerce_to_target_type(nullptr, value, exprType(value), att->atttypid, att->atttypmod,
                                    COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
  if (out == nullptr) {
    out = pg::raw::convert(value, att->atttypid, -1, InvalidOid, false);
    if (out != nullptr)
      out = coerce_to_target_type(nullptr, out, att->atttypid, att->atttypid, att->atttypmod,
                                  COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
  }
  return out;
}

// Returns what an explicit cast to a type with a length was made of, as x in x::varchar(9). Stored
// expressions have such casts because SQL has no other way to say the type; they would cut off what
// does not fit.
static Node* without_cut(Node* expression) {
  int32 length;
  if (!IsA(expression, FuncExpr) || !exprIsLengthCoercion(expression, &length)) return expression;
  return static_cast<Node*>(linitial(reinterpret_cast<FuncExpr*>(expression)->args));
}

static WriteMapping* start_mapping(Relation view, Oid base, int more_writes) {
  const auto columns = static_cast<size_t>(RelationGetNumberOfAttributes(view));
  auto* out = static_cast<WriteMapping*>(palloc0(sizeof(WriteMapping)));
  out->view = RelationGetRelid(view);
  out->base = base;
  out->columns = static_cast<int>(columns);
  out->reads = static_cast<Node**>(palloc0(sizeof(Node*) * Max(columns, 1)));
  out->defaults = static_cast<Node**>(palloc0(sizeof(Node*) * Max(columns, 1)));
  out->keys = static_cast<AttrNumber*>(palloc0(sizeof(AttrNumber) * Max(columns, 1)));
  out->lossless = static_cast<bool*>(palloc0(sizeof(bool) * Max(columns, 1)));
  out->equalities = static_cast<Oid*>(palloc0(sizeof(Oid) * Max(columns, 1)));
  out->writes = static_cast<BaseWrite*>(
      palloc0(sizeof(BaseWrite) * Max(columns + static_cast<size_t>(more_writes), 1)));
  Query* query = get_view_query(view);
  const Index varno = pg::raw::varno_of(query, base);
  ListCell* cell;
  foreach (cell, query->targetList) {
    auto* entry = lfirst_node(TargetEntry, cell);
    if (entry->resjunk) continue;
    auto* copy = static_cast<Node*>(copyObjectImpl(entry->expr));
    if (varno != 1) ChangeVarNodes(copy, static_cast<int>(varno), 1, 0);
    out->reads[entry->resno - 1] = copy;
    if (!IsA(copy, Var))
      out->equalities[entry->resno - 1] = image_equality(exprType(copy), exprCollation(copy));
    if (TupleDescAttr(RelationGetDescr(view), entry->resno - 1)->atthasdef)
      out->defaults[entry->resno - 1] = build_column_default(view, entry->resno);
  }
  return out;
}

static Var* view_column(Relation view, int column) {
  Form_pg_attribute att = TupleDescAttr(RelationGetDescr(view), column - 1);
  return makeVar(1, static_cast<AttrNumber>(column), att->atttypid, att->atttypmod,
                 att->attcollation, 0);
}

static void write_directly(WriteMapping* mapping, Relation view, int column, AttrNumber attnum) {
  mapping->keys[column - 1] = attnum;
  mapping->lossless[column - 1] = true;
  add_write(mapping, BaseWrite{attnum, reinterpret_cast<Node*>(view_column(view, column)),
                               bms_make_singleton(column), static_cast<AttrNumber>(column), false});
}

static void write_by_cast(WriteMapping* mapping, Relation view, int column, Form_pg_attribute att,
                          Node* read) {
  if (att->attgenerated != '\0') return;
  Form_pg_attribute of_view = TupleDescAttr(RelationGetDescr(view), column - 1);
  Node* value = stored(reinterpret_cast<Node*>(view_column(view, column)), att);
  if (value == nullptr) return;
  const bool keeps =
      is_one_hop(read) && mapping::raw::keeps_values(of_view->atttypid, of_view->atttypmod,
                                                     att->atttypid, att->atttypmod);
  if (mapping::raw::stores_exactly(of_view->atttypid, of_view->atttypmod, att->atttypid,
                                   att->atttypmod))
    mapping->keys[column - 1] = att->attnum;
  mapping->lossless[column - 1] = keeps;
  add_write(mapping, BaseWrite{att->attnum, value, bms_make_singleton(column), 0, !keeps});
}

static void unresolved(Relation view, const char* output) {
  ereport(ERROR,
          (errcode(sqlstate::kMappingUnresolved),
           errmsg("cannot write through version view \"%s\"", RelationGetRelationName(view)),
           errdetail("Output \"%s\" of its inverse view fits no column of its table.", output),
           errhint("SELECT * FROM strata.verify();")));
}

// Adds what the inverse view says. Returns the base columns it writes.
static Bitmapset* write_by_inverse(WriteMapping* mapping, Relation view, Relation base,
                                   Oid inverse_oid, const NumberedColumn* numbers, int count) {
  Bitmapset* written = nullptr;
  Relation inverse = try_relation_open(inverse_oid, AccessShareLock);
  if (inverse == nullptr) unresolved(view, "*");
  Query* query = get_view_query(inverse);
  const Index varno = pg::raw::varno_of(query, RelationGetRelid(view));
  ListCell* cell;
  foreach (cell, query->targetList) {
    auto* entry = lfirst_node(TargetEntry, cell);
    if (entry->resjunk) continue;
    const char* name = NameStr(TupleDescAttr(RelationGetDescr(inverse), entry->resno - 1)->attname);
    const NumberedColumn* column = nullptr;
    for (int i = 0; i < count; i++)
      if (name[0] == 'c' && strcmp(name + 1, psprintf("%d", numbers[i].number)) == 0)
        column = &numbers[i];
    if (column == nullptr) unresolved(view, name);
    Form_pg_attribute att = TupleDescAttr(RelationGetDescr(base), column->attnum - 1);
    auto* copy = static_cast<Node*>(copyObjectImpl(entry->expr));
    if (varno != 1) ChangeVarNodes(copy, static_cast<int>(varno), 1, 0);
    Node* value = att->attisdropped ? nullptr : stored(without_cut(copy), att);
    if (value == nullptr) unresolved(view, name);
    Bitmapset* offset = nullptr;
    pull_varattnos(copy, 1, &offset);
    Bitmapset* inputs = nullptr;
    for (int bit = bms_next_member(offset, -1); bit >= 0; bit = bms_next_member(offset, bit))
      inputs = bms_add_member(inputs, bit + FirstLowInvalidHeapAttributeNumber);
    add_write(mapping, BaseWrite{column->attnum, value, inputs, 0, column->guarded});
    written = bms_add_member(written, column->attnum);
  }
  relation_close(inverse, AccessShareLock);
  return written;
}

// Marks columns whose read and write expressions, over one column each, undo each other.
static void find_inverse_pairs(WriteMapping* mapping) {
  for (int i = 0; i < mapping->write_count; i++) {
    const BaseWrite* write = &mapping->writes[i];
    int column = 0;
    if (!bms_get_singleton_member(write->inputs, &column)) continue;
    Bitmapset* read = nullptr;
    pull_varattnos(mapping->reads[column - 1], 1, &read);
    int base = 0;
    if (bms_get_singleton_member(read, &base) &&
        base + FirstLowInvalidHeapAttributeNumber == write->attnum &&
        mapping::raw::undo_each_other(mapping->reads[column - 1], write->expression))
      mapping->lossless[column - 1] = true;
  }
}

WriteMapping* version_mapping(Oid view_oid, Oid base_oid, Oid inverse,
                              const NumberedColumn* numbers, int count) {
  Relation view = relation_open(view_oid, AccessShareLock);
  Relation base = relation_open(base_oid, AccessShareLock);
  WriteMapping* out = start_mapping(view, base_oid, count);
  out->is_version = true;
  Bitmapset* written =
      OidIsValid(inverse) ? write_by_inverse(out, view, base, inverse, numbers, count) : nullptr;
  for (int column = 1; column <= out->columns; column++) {
    Node* read = out->reads[column - 1];
    if (read == nullptr)
      ereport(ERROR, (errcode(sqlstate::kMappingUnresolved),
                      errmsg("column %d of version view \"%s\" shows nothing", column,
                             RelationGetRelationName(view))));
    Var* shown = nullptr;
    if (!pg::raw::is_cast_of_column(read, &shown) || shown->varattno <= 0 ||
        bms_is_member(shown->varattno, written))
      continue;
    if (IsA(read, Var))
      write_directly(out, view, column, shown->varattno);
    else
      write_by_cast(out, view, column, TupleDescAttr(RelationGetDescr(base), shown->varattno - 1),
                    read);
  }
  find_inverse_pairs(out);
  relation_close(base, AccessShareLock);
  relation_close(view, AccessShareLock);
  return out;
}

bool shows(const WriteMapping* mapping, AttrNumber attnum) {
  for (int i = 0; i < mapping->columns; i++) {
    Var* shown = nullptr;
    if (pg::raw::is_cast_of_column(mapping->reads[i], &shown) && shown->varattno == attnum)
      return true;
  }
  return false;
}

WriteMapping* plain_mapping(Relation view, Oid base) {
  WriteMapping* out = start_mapping(view, base, 0);
  for (int column = 1; column <= out->columns; column++) {
    Node* read = out->reads[column - 1];
    if (read != nullptr && IsA(read, Var) && reinterpret_cast<Var*>(read)->varattno > 0)
      write_directly(out, view, column, reinterpret_cast<Var*>(read)->varattno);
  }
  return out;
}

}  // namespace strata::rewrite::raw
