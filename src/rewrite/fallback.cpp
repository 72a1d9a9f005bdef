// strata.write_through: the trigger behind writes to version views that the hook never sees, in
// BEGIN ATOMIC bodies and rule actions: there the server rewrites stored queries without analyzing
// them again.
//
// It writes to the view itself, so the hook rewrites that and the mapping exists once. The row is
// found by a key, locked and compared with what the server read: if it changed meanwhile, the new
// values were computed from values that are gone, and writing them would lose an update.
#include "catalog/registry.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "rewrite/mapping_cache.hpp"

extern "C" {
#include "access/genam.h"
#include "access/relation.h"
#include "catalog/pg_operator.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "storage/lmgr.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace strata::rewrite {
namespace raw {

// A statement on the view: its text and arguments.
struct Statement {
  StringInfoData text;
  Oid* types;
  Datum* values;
  char* nulls;
  int count;
};

static Statement start_statement(int columns) {
  Statement out;
  const auto size = static_cast<size_t>(2 * columns + 1);
  initStringInfo(&out.text);
  out.types = static_cast<Oid*>(palloc(sizeof(Oid) * size));
  out.values = static_cast<Datum*>(palloc(sizeof(Datum) * size));
  out.nulls = static_cast<char*>(palloc(size));
  out.count = 0;
  return out;
}

static const char* name_of(Relation view) {
  return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(view)),
                                    RelationGetRelationName(view));
}

// Adds an argument and the text that stands for it.
static void add_argument(Statement* statement, Relation view, HeapTuple row, int column) {
  TupleDesc desc = RelationGetDescr(view);
  bool isnull;
  const int at = statement->count++;
  statement->values[at] = heap_getattr(row, column, desc, &isnull);
  statement->types[at] = TupleDescAttr(desc, column - 1)->atttypid;
  statement->nulls[at] = isnull ? 'n' : ' ';
  appendStringInfo(&statement->text, "$%d", at + 1);
}

static const char* column_name(Relation view, int column) {
  return quote_identifier(NameStr(TupleDescAttr(RelationGetDescr(view), column - 1)->attname));
}

static bool same_value(Relation view, HeapTuple one, HeapTuple other, int column) {
  TupleDesc desc = RelationGetDescr(view);
  Form_pg_attribute att = TupleDescAttr(desc, column - 1);
  bool null_one;
  bool null_other;
  Datum value = heap_getattr(one, column, desc, &null_one);
  Datum compared = heap_getattr(other, column, desc, &null_other);
  if (null_one || null_other) return null_one == null_other;
  return datum_image_eq(value, compared, att->attbyval, att->attlen);
}

static bool same_row(Relation view, HeapTuple one, HeapTuple other) {
  for (int column = 1; column <= RelationGetDescr(view)->natts; column++)
    if (!same_value(view, one, other, column)) return false;
  return true;
}

// Returns the view's column that has the values of the base column; 0: it shows no such column.
static int shown_as(const WriteMapping* mapping, AttrNumber attnum) {
  for (int i = 0; i < mapping->columns; i++)
    if (mapping->keys[i] == attnum && mapping->lossless[i]) return i + 1;
  return 0;
}

// Returns the columns of the view that identify a row: those of the base's primary key, else of
// another unique index over columns that are not null; NIL when the view does not show one.
static List* key_columns(const WriteMapping* mapping) {
  Relation base = relation_open(mapping->base, AccessShareLock);
  List* found = NIL;
  ListCell* cell;
  foreach (cell, RelationGetIndexList(base)) {
    Relation index = index_open(lfirst_oid(cell), AccessShareLock);
    Form_pg_index facts = index->rd_index;
    List* columns = NIL;
    bool fits = facts->indisunique && facts->indisvalid && facts->indimmediate &&
                RelationGetIndexPredicate(index) == NIL;
    for (int i = 0; fits && i < facts->indnkeyatts; i++) {
      const AttrNumber attnum = facts->indkey.values[i];
      const int column = attnum > 0 ? shown_as(mapping, attnum) : 0;
      fits = column > 0 && TupleDescAttr(RelationGetDescr(base), attnum - 1)->attnotnull;
      columns = lappend_int(columns, column);
    }
    const bool primary = facts->indisprimary;
    index_close(index, AccessShareLock);
    if (!fits) continue;
    if (primary || found == NIL) found = columns;
    if (primary) break;
  }
  relation_close(base, AccessShareLock);
  return found;
}

static void add_condition(Statement* statement, Relation view, HeapTuple row, List* key) {
  ListCell* cell;
  foreach (cell, key) {
    const int column = lfirst_int(cell);
    Oid equality =
        lookup_type_cache(getBaseType(TupleDescAttr(RelationGetDescr(view), column - 1)->atttypid),
                          TYPECACHE_EQ_OPR)
            ->eq_opr;
    if (!OidIsValid(equality))
      ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
                      errmsg("column %s of view \"%s\" has no equality operator",
                             column_name(view, column), RelationGetRelationName(view))));
    HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(equality));
    if (!HeapTupleIsValid(tuple))
      ereport(ERROR, (errmsg_internal("cache lookup failed for operator %u", equality)));
    auto* form = reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple));
    appendStringInfo(
        &statement->text, "%s%s OPERATOR(%s.%s) ",
        foreach_current_index(cell) == 0 ? " WHERE " : " AND ", column_name(view, column),
        quote_identifier(get_namespace_name(form->oprnamespace)), NameStr(form->oprname));
    ReleaseSysCache(tuple);
    add_argument(statement, view, row, column);
  }
}

static uint64 run(Statement* statement, int expected) {
  const int code = SPI_execute_with_args(statement->text.data, statement->count, statement->types,
                                         statement->values, statement->nulls, false, 0);
  if (code != expected)
    ereport(ERROR, (errmsg_internal("unexpected result of a write through a view: %s",
                                    SPI_result_code_string(code))));
  return SPI_processed;
}

// Returns true when the caller may see all of the row that was written.
static bool may_return(Relation view) {
  return pg_class_aclcheck(RelationGetRelid(view), GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
         pg_attribute_aclcheck_all(RelationGetRelid(view), GetUserId(), ACL_SELECT, ACLMASK_ALL) ==
             ACLCHECK_OK;
}

// Runs an INSERT or UPDATE and returns the row as the view shows it then; null: nothing was
// written.
static HeapTuple run_and_return(Statement* statement, Relation view, HeapTuple row, bool insert) {
  const bool returning = may_return(view);
  if (returning) appendStringInfoString(&statement->text, " RETURNING *");
  const int plain = insert ? SPI_OK_INSERT : SPI_OK_UPDATE;
  const int with_rows = insert ? SPI_OK_INSERT_RETURNING : SPI_OK_UPDATE_RETURNING;
  if (run(statement, returning ? with_rows : plain) == 0) return nullptr;
  return returning ? SPI_copytuple(SPI_tuptable->vals[0]) : row;
}

// Returns true when a base column that is computed from the view's column has a value of its own
// for rows that do not say one. A trigger cannot tell NULL from nothing.
static bool has_base_default(const WriteMapping* mapping, Relation base, int column) {
  for (int i = 0; i < mapping->write_count; i++) {
    if (!bms_is_member(column, mapping->writes[i].inputs)) continue;
    Form_pg_attribute att = TupleDescAttr(RelationGetDescr(base), mapping->writes[i].attnum - 1);
    if (att->atthasdef || att->attidentity != '\0') return true;
  }
  return false;
}

static HeapTuple insert(Relation view, const WriteMapping* mapping, HeapTuple row) {
  TupleDesc desc = RelationGetDescr(view);
  Relation base = relation_open(mapping->base, RowExclusiveLock);
  Statement statement = start_statement(desc->natts);
  StringInfoData values;
  initStringInfo(&values);
  appendStringInfo(&statement.text, "INSERT INTO %s", name_of(view));
  for (int column = 1; column <= desc->natts; column++) {
    if (heap_attisnull(row, column, desc) && has_base_default(mapping, base, column)) continue;
    bool writable = false;
    for (int i = 0; i < mapping->write_count; i++)
      writable = writable || bms_is_member(column, mapping->writes[i].inputs);
    if (!writable && heap_attisnull(row, column, desc)) continue;
    appendStringInfo(&statement.text, "%s%s", statement.count == 0 ? " (" : ", ",
                     column_name(view, column));
    StringInfoData rest = statement.text;
    statement.text = values;
    if (statement.count > 0) appendStringInfoString(&statement.text, ", ");
    add_argument(&statement, view, row, column);
    values = statement.text;
    statement.text = rest;
  }
  if (statement.count == 0)
    appendStringInfoString(&statement.text, " DEFAULT VALUES");
  else
    appendStringInfo(&statement.text, ") VALUES (%s)", values.data);
  relation_close(base, NoLock);
  return run_and_return(&statement, view, row, true);
}

// Locks the row that was read as `old`. Returns false when it is gone; raises 40001 when it is
// another one by now.
static bool lock_row(Relation view, HeapTuple old, List* key) {
  if (key == NIL)
    ereport(ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
             errmsg("cannot tell which row of view \"%s\" to write", RelationGetRelationName(view)),
             errdetail("A stored query wrote to it, in a BEGIN ATOMIC body or a rule, and the view "
                       "shows no primary key and no unique columns that are not null."),
             errhint("Write to it from a statement of its own, such as in PL/pgSQL.")));
  Statement lock = start_statement(RelationGetDescr(view)->natts);
  appendStringInfo(&lock.text, "SELECT * FROM %s", name_of(view));
  add_condition(&lock, view, old, key);
  appendStringInfoString(&lock.text, " FOR UPDATE");
  if (run(&lock, SPI_OK_SELECT) == 0) return false;
  if (!same_row(view, SPI_tuptable->vals[0], old))
    ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                    errmsg("could not serialize access due to concurrent update"),
                    errdetail("The row of view \"%s\" changed after a stored query had read it.",
                              RelationGetRelationName(view)),
                    errhint("The transaction might succeed if retried.")));
  return true;
}

static HeapTuple update(Relation view, HeapTuple old, HeapTuple row, List* key) {
  if (!lock_row(view, old, key)) return nullptr;
  Statement statement = start_statement(RelationGetDescr(view)->natts);
  appendStringInfo(&statement.text, "UPDATE %s", name_of(view));
  for (int column = 1; column <= RelationGetDescr(view)->natts; column++) {
    if (same_value(view, old, row, column)) continue;
    appendStringInfo(&statement.text, "%s%s = ", statement.count == 0 ? " SET " : ", ",
                     column_name(view, column));
    add_argument(&statement, view, row, column);
  }
  if (statement.count == 0) return row;
  add_condition(&statement, view, old, key);
  return run_and_return(&statement, view, row, false);
}

static HeapTuple remove(Relation view, HeapTuple old, List* key) {
  if (!lock_row(view, old, key)) return nullptr;
  Statement statement = start_statement(RelationGetDescr(view)->natts);
  appendStringInfo(&statement.text, "DELETE FROM %s", name_of(view));
  add_condition(&statement, view, old, key);
  return run(&statement, SPI_OK_DELETE) == 0 ? nullptr : old;
}

static HeapTuple write_through(const TriggerData* trigger, const WriteMapping* mapping) {
  Relation view = trigger->tg_relation;
  SPI_connect();
  HeapTuple out = nullptr;
  if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
    out = insert(view, mapping, trigger->tg_trigtuple);
  else if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
    out = update(view, trigger->tg_trigtuple, trigger->tg_newtuple, key_columns(mapping));
  else
    out = remove(view, trigger->tg_trigtuple, key_columns(mapping));
  SPI_finish();
  return out;
}

}  // namespace raw

STRATA_FUNCTION(write_through) {
  if (!CALLED_AS_TRIGGER(args.info()))
    throw Error(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "write_through is a trigger function");
  auto* trigger = reinterpret_cast<TriggerData*>(args.info()->context);
  const catalog::VersionView* view =
      catalog::registry().view(RelationGetRelid(trigger->tg_relation));
  if (view == nullptr || !OidIsValid(view->base) || !TRIGGER_FIRED_INSTEAD(trigger->tg_event))
    throw Error(sqlstate::kContractViolation,
                fmt::format("cannot write to view {}",
                            pg::relation_display(RelationGetRelid(trigger->tg_relation))),
                "It is no view of a live version, or the relation it read is gone.",
                "SELECT * FROM strata.verify();");
  const catalog::VersionView found = *view;
  pg::call([&] { LockRelationOid(found.base, RowExclusiveLock); });
  const WriteMapping& mapping = mapping_of(found);
  return PointerGetDatum(pg::call([&] { return raw::write_through(trigger, &mapping); }));
}

}  // namespace strata::rewrite
