// strata.write_through: the trigger behind writes to version views that the hook never sees, in
// BEGIN ATOMIC bodies and rule actions: there the server rewrites stored queries without analyzing
// them again.
//
// It writes to the view itself, so the hook rewrites that and the mapping exists once. An UPDATE or
// DELETE touches its row only if that still is as the server read it, which one statement checks
// and, after waiting for somebody else's write, checks again. If the row changed meanwhile, the new
// values were computed from values that are gone, and writing them would lose an update.
#include "catalog/registry.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "rewrite/mapping_cache.hpp"
#include "rewrite/own_statement.hpp"

extern "C" {
#include "access/genam.h"
#include "access/relation.h"
#include "catalog/pg_operator.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "storage/lmgr.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace strata::rewrite {
namespace raw {

// What is remembered from row to row of one statement of the user's.
struct Memory {
  OwnPlans plans;
  HTAB* written;  // images of the rows that it wrote, as they were before
};

// One firing of the trigger.
struct Firing {
  Relation view;
  const WriteMapping* mapping;
  HeapTuple old;
  HeapTuple row;  // new
  Memory* memory;
};

static Memory* memory_of(FmgrInfo* function) {
  if (function->fn_extra == nullptr) {
    auto* memory = static_cast<Memory*>(MemoryContextAllocZero(function->fn_mcxt, sizeof(Memory)));
    memory->plans.context = function->fn_mcxt;
    HASHCTL control;
    control.keysize = sizeof(uint64);
    control.entrysize = sizeof(uint64);
    control.hcxt = function->fn_mcxt;
    memory->written =
        hash_create("pg_strata rows written", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    function->fn_extra = memory;
  }
  return static_cast<Memory*>(function->fn_extra);
}

static uint64 image_of(Relation view, HeapTuple row) {
  TupleDesc desc = RelationGetDescr(view);
  uint64 image = 0;
  for (int column = 1; column <= desc->natts; column++) {
    Form_pg_attribute att = TupleDescAttr(desc, column - 1);
    bool isnull;
    const Datum value = heap_getattr(row, column, desc, &isnull);
    image = hash_combine64(image,
                           isnull ? 1 : datum_image_hash(value, att->attbyval, att->attlen) + 2ULL);
  }
  return image;
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

// WHERE key = values of the row.
static void add_key(OwnStatement* statement, HeapTuple row, List* key) {
  TupleDesc desc = RelationGetDescr(statement->view);
  ListCell* cell;
  foreach (cell, key) {
    const int column = lfirst_int(cell);
    const Oid type = getBaseType(TupleDescAttr(desc, column - 1)->atttypid);
    // The key's unique index compares values, so there is an operator.
    const Oid equality = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
    HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(equality));
    if (!HeapTupleIsValid(tuple))
      ereport(ERROR, (errmsg_internal("cache lookup failed for operator %u", equality)));
    auto* form = reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple));
    appendStringInfo(&statement->text, "%s%s OPERATOR(%s.%s) ",
                     foreach_current_index(cell) == 0 ? " WHERE " : " AND ",
                     column_name(statement->view, column),
                     quote_identifier(get_namespace_name(form->oprnamespace)),
                     NameStr(form->oprname));
    ReleaseSysCache(tuple);
    add_value(statement, row, column);
  }
}

// ... AND the row is the same in every byte; types without an equality operator have that too.
static void add_row(OwnStatement* statement, HeapTuple row, List* key) {
  add_key(statement, row, key);
  const int natts = RelationGetDescr(statement->view)->natts;
  appendStringInfo(&statement->text, "%s ROW(", key == NIL ? " WHERE" : " AND");
  for (int column = 1; column <= natts; column++)
    appendStringInfo(&statement->text, "%s%s", column == 1 ? "" : ", ",
                     column_name(statement->view, column));
  appendStringInfoString(&statement->text, ")::pg_catalog.record OPERATOR(pg_catalog.*=) ROW(");
  for (int column = 1; column <= natts; column++) {
    if (column > 1) appendStringInfoString(&statement->text, ", ");
    add_value(statement, row, column);
  }
  appendStringInfoString(&statement->text, ")::pg_catalog.record");
}

// Returns true when leaving out a column that is NULL comes to the same or to a value that the base
// has for rows which do not say one: a trigger cannot tell NULL from nothing.
static bool can_leave_out(const WriteMapping* mapping, Relation base, int column) {
  bool writable = false;
  for (int i = 0; i < mapping->write_count; i++) {
    if (!bms_is_member(column, mapping->writes[i].inputs)) continue;
    writable = true;
    Form_pg_attribute att = TupleDescAttr(RelationGetDescr(base), mapping->writes[i].attnum - 1);
    if (att->atthasdef || att->attidentity != '\0') return true;
  }
  return !writable || mapping->keys[column - 1] != 0;
}

static HeapTuple insert(const Firing* at) {
  TupleDesc desc = RelationGetDescr(at->view);
  Relation base = relation_open(at->mapping->base, RowExclusiveLock);
  OwnStatement statement = start_statement(at->view, desc->natts);
  List* columns = NIL;
  for (int column = 1; column <= desc->natts; column++)
    if (!heap_attisnull(at->row, column, desc) || !can_leave_out(at->mapping, base, column))
      columns = lappend_int(columns, column);
  relation_close(base, NoLock);
  appendStringInfo(&statement.text, "INSERT INTO %s", name_of(at->view));
  ListCell* cell;
  foreach (cell, columns)
    appendStringInfo(&statement.text, "%s%s", foreach_current_index(cell) == 0 ? " (" : ", ",
                     column_name(at->view, lfirst_int(cell)));
  foreach (cell, columns) {
    appendStringInfoString(&statement.text, foreach_current_index(cell) == 0 ? ") VALUES (" : ", ");
    add_value(&statement, at->row, lfirst_int(cell));
  }
  appendStringInfoString(&statement.text, columns == NIL ? " DEFAULT VALUES" : ")");
  appendStringInfoString(&statement.text, " RETURNING *");
  HeapTuple out = nullptr;
  run(&statement, &at->memory->plans, &out);
  return out;
}

// Says what became of a row that is not there any more as it was read. Returns when it is gone or
// was written by the same statement before, which the server passes over as well.
static void explain_miss(const Firing* at, List* key) {
  const uint64 image = image_of(at->view, at->old);
  if (hash_search(at->memory->written, &image, HASH_FIND, nullptr) != nullptr) return;
  if (key != NIL) {
    OwnStatement look = start_statement(at->view, list_length(key));
    appendStringInfo(&look.text, "SELECT FROM %s", name_of(at->view));
    add_key(&look, at->old, key);
    if (run(&look, &at->memory->plans, nullptr) == 0) return;
  }
  ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                  errmsg("could not serialize access due to concurrent update"),
                  errdetail("The row of view \"%s\" changed after a stored query had read it.",
                            RelationGetRelationName(at->view)),
                  errhint("The transaction might succeed if retried.")));
}

// Runs an UPDATE or DELETE of one row, which is finished here. Returns false when it is gone.
static bool write_row(const Firing* at, OwnStatement* statement, HeapTuple* written) {
  List* key = key_columns(at->mapping);
  add_row(statement, at->old, key);
  appendStringInfoString(&statement->text, " RETURNING *");
  const uint64 count = run(statement, &at->memory->plans, written);
  if (count > 1)
    ereport(ERROR, (errcode(ERRCODE_CARDINALITY_VIOLATION),
                    errmsg("cannot tell which row of view \"%s\" to write",
                           RelationGetRelationName(at->view)),
                    errdetail("A stored query wrote to it, in a BEGIN ATOMIC body or a rule, the "
                              "view shows no key, and %llu of its rows are alike.",
                              static_cast<unsigned long long>(count)),
                    errhint("Write to it from a statement of its own, such as in PL/pgSQL.")));
  if (count == 0) {
    explain_miss(at, key);
    return false;
  }
  const uint64 image = image_of(at->view, at->old);
  hash_search(at->memory->written, &image, HASH_ENTER, nullptr);
  return true;
}

static HeapTuple update(const Firing* at) {
  const int natts = RelationGetDescr(at->view)->natts;
  OwnStatement statement = start_statement(at->view, 3 * natts);
  appendStringInfo(&statement.text, "UPDATE %s", name_of(at->view));
  for (int column = 1; column <= natts; column++) {
    if (same_value(at->view, at->old, at->row, column)) continue;
    appendStringInfo(&statement.text, "%s%s = ", statement.values->numParams == 0 ? " SET " : ", ",
                     column_name(at->view, column));
    add_value(&statement, at->row, column);
  }
  if (statement.values->numParams == 0) return at->row;
  HeapTuple out = nullptr;
  return write_row(at, &statement, &out) ? out : nullptr;
}

static HeapTuple remove(const Firing* at) {
  OwnStatement statement = start_statement(at->view, 2 * RelationGetDescr(at->view)->natts);
  appendStringInfo(&statement.text, "DELETE FROM %s", name_of(at->view));
  return write_row(at, &statement, nullptr) ? at->old : nullptr;
}

static HeapTuple write_through(const TriggerData* trigger, const WriteMapping* mapping,
                               FmgrInfo* function) {
  const Firing at{
      trigger->tg_relation, mapping, trigger->tg_trigtuple,
      TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple,
      memory_of(function)};
  if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event)) return insert(&at);
  return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? update(&at) : remove(&at);
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
  return PointerGetDatum(
      pg::call([&] { return raw::write_through(trigger, &mapping, args.info()->flinfo); }));
}

}  // namespace strata::rewrite
