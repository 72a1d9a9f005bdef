// Owns: the parts of a relation that have names of their own: constraints, indexes, triggers,
// policies, rules, statistics objects (see shape.hpp).
#include "pg/comments.hpp"
#include "pg/shape.hpp"
#include "pg/shape_writer.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/partition.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"
#include "commands/tablespace.h"
#include "rewrite/rewriteDefine.h"
#include "rewrite/rewriteSupport.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"
}

namespace strata::pg::raw {
namespace {

// Where the parts of one kind stand. Their index has the relation first, and the name next but for
// indexes and statistics objects.
struct Parts {
  const char* key;
  Oid catalog;
  Oid index;
  AttrNumber relation_column;
  void (*write)(ShapeWriter& out, Relation catalog, HeapTuple tuple);
};

const char* definition(PGFunction function, Oid object) {
  return TextDatumGetCString(DirectFunctionCall1(function, ObjectIdGetDatum(object)));
}

// Expressions of an index have statistics of their own.
void write_index_targets(ShapeWriter& out, Oid index, int columns) {
  out.key("columns");
  out.open('[');
  for (int i = 1; i <= columns; i++) {
    HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(index), Int16GetDatum(i));
    if (!HeapTupleIsValid(tuple)) continue;
    bool is_null;
    const Datum target = SysCacheGetAttr(ATTNUM, tuple, Anum_pg_attribute_attstattarget, &is_null);
    out.open('{');
    write_target(out, target, is_null);
    out.close('}');
    ReleaseSysCache(tuple);
  }
  out.close(']');
}

// Of the names in it, and of the index's two rows.
uint64 stamp_of_index(const ShapeWriter& out, Oid index, HeapTuple tuple) {
  HeapTuple relation = SearchSysCache1(RELOID, ObjectIdGetDatum(index));
  if (!HeapTupleIsValid(relation)) return 0;
  const uint64 names = out.names_in(reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple))->indkey);
  const uint64 stamp = stamp_with_row(stamp_with_row(names, relation), tuple);
  ReleaseSysCache(relation);
  return stamp;
}

// A key says what its index says.
uint64 stamp_of_key(const ShapeWriter& out, HeapTuple constraint) {
  const Oid index = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(constraint))->conindid;
  HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
  if (!HeapTupleIsValid(row)) return 0;
  const uint64 stamp = stamp_with_row(stamp_of_index(out, index, row), constraint);
  ReleaseSysCache(row);
  return stamp;
}

void write_constraint_definition(ShapeWriter& out, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple));
  out.key("definition");
  if (row->contype == CONSTRAINT_PRIMARY || row->contype == CONSTRAINT_UNIQUE) {
    const FragmentKey key = {row->oid, kOfConstraint};
    const uint64 stamp = stamp_of_key(out, tuple);
    if (out.fragment(key, stamp)) return;
    const int start = out.length();
    out.value(definition(pg_get_constraintdef, row->oid));
    return out.keep_fragment(key, stamp, start);
  }
  const char* text = definition(pg_get_constraintdef, row->oid);
  if (row->contype == CONSTRAINT_CHECK || row->contype == CONSTRAINT_EXCLUSION)
    out.has_expression(text, nullptr);
  out.value(text);
}

void write_constraint(ShapeWriter& out, Relation, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple));
  out.has_part(ConstraintRelationId, row->oid);
  out.names_relation(row->confrelid);
  out.member("name", NameStr(row->conname));
  write_constraint_definition(out, tuple);
  out.flag("inherited", !row->conislocal);
  write_part_comment(out, ConstraintRelationId, row->oid);
}

void write_index_definition(ShapeWriter& out, Oid index, HeapTuple tuple) {
  out.key("definition");
  if (!heap_attisnull(tuple, Anum_pg_index_indexprs, nullptr) ||
      !heap_attisnull(tuple, Anum_pg_index_indpred, nullptr)) {
    const char* text = definition(pg_get_indexdef, index);
    out.has_expression(text, nullptr);
    return out.value(text);
  }
  const uint64 stamp = stamp_of_index(out, index, tuple);
  if (out.fragment({index, kOfIndex}, stamp)) return;
  const int start = out.length();
  out.value(definition(pg_get_indexdef, index));
  out.keep_fragment({index, kOfIndex}, stamp, start);
}

void write_index(ShapeWriter& out, Relation, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
  out.has_part(RelationRelationId, row->indexrelid);
  out.member("name", get_rel_name(row->indexrelid));
  write_index_definition(out, row->indexrelid, tuple);
  out.flag("invalid", !row->indisvalid);
  if (get_rel_relispartition(row->indexrelid))
    out.member("parent", get_rel_name(get_partition_parent(row->indexrelid, true)));
  out.flag("clustered", row->indisclustered);
  out.flag("replica_identity", row->indisreplident);
  if (const Oid tablespace = get_rel_tablespace(row->indexrelid); OidIsValid(tablespace))
    out.member("tablespace", get_tablespace_name(tablespace));
  if (!heap_attisnull(tuple, Anum_pg_index_indexprs, nullptr))
    write_index_targets(out, row->indexrelid, row->indnatts);
  write_part_comment(out, RelationRelationId, row->indexrelid);
}

void write_trigger(ShapeWriter& out, Relation catalog, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple));
  out.has_part(TriggerRelationId, row->oid);
  if (OidIsValid(row->tgconstrrelid)) out.cannot_last();
  const char* text = definition(pg_get_triggerdef, row->oid);
  if (!heap_attisnull(tuple, Anum_pg_trigger_tgqual, RelationGetDescr(catalog)))
    out.has_expression(text, nullptr);
  out.member("name", NameStr(row->tgname));
  out.member("definition", text);
  out.code("enabled", row->tgenabled, TRIGGER_FIRES_ON_ORIGIN);
  write_part_comment(out, TriggerRelationId, row->oid);
}

void write_expression(ShapeWriter& out, const char* key, Relation catalog, HeapTuple tuple,
                      AttrNumber column, Oid relation) {
  bool is_null;
  const Datum tree = heap_getattr(tuple, column, RelationGetDescr(catalog), &is_null);
  if (!is_null)
    out.member(key, TextDatumGetCString(
                        DirectFunctionCall2(pg_get_expr, tree, ObjectIdGetDatum(relation))));
}

void write_policy(ShapeWriter& out, Relation catalog, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_policy>(GETSTRUCT(tuple));
  out.cannot_last();  // may read any relation
  out.member("name", NameStr(row->polname));
  out.code("command", row->polcmd, '*');
  out.flag("restrictive", !row->polpermissive);
  bool is_null;
  const Datum roles =
      heap_getattr(tuple, Anum_pg_policy_polroles, RelationGetDescr(catalog), &is_null);
  Datum* items;
  int count;
  deconstruct_array(DatumGetArrayTypeP(roles), OIDOID, sizeof(Oid), true, TYPALIGN_INT, &items,
                    nullptr, &count);
  out.key("roles");
  out.open('[');
  for (int i = 0; i < count; i++) {
    const Oid role = DatumGetObjectId(items[i]);
    const char* name = OidIsValid(role) ? GetUserNameFromId(role, true) : "public";
    out.value(name != nullptr ? name : "");
  }
  out.close(']');
  write_expression(out, "using", catalog, tuple, Anum_pg_policy_polqual, row->polrelid);
  write_expression(out, "with_check", catalog, tuple, Anum_pg_policy_polwithcheck, row->polrelid);
  write_comment(out, PolicyRelationId, row->oid, 0);
}

void write_rule(ShapeWriter& out, Relation, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_rewrite>(GETSTRUCT(tuple));
  out.cannot_last();
  out.member("name", NameStr(row->rulename));
  out.member("definition", definition(pg_get_ruledef, row->oid));
  out.code("enabled", row->ev_enabled, RULE_FIRES_ON_ORIGIN);
  write_comment(out, RewriteRelationId, row->oid, 0);
}

void write_statistics(ShapeWriter& out, Relation catalog, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_statistic_ext>(GETSTRUCT(tuple));
  out.has_part(StatisticExtRelationId, row->oid);
  const char* text = definition(pg_get_statisticsobjdef, row->oid);
  if (!heap_attisnull(tuple, Anum_pg_statistic_ext_stxexprs, RelationGetDescr(catalog)))
    out.has_expression(text, nullptr);
  out.member("name", NameStr(row->stxname));
  out.member("definition", text);
  write_owner(out, row->stxowner);
  bool is_null;
  const Datum target =
      heap_getattr(tuple, Anum_pg_statistic_ext_stxstattarget, RelationGetDescr(catalog), &is_null);
  write_target(out, target, is_null);
  write_part_comment(out, StatisticExtRelationId, row->oid);
}

// Parts that the server makes for others of them are said there.
bool stands_alone(Oid catalog, HeapTuple tuple) {
  if (catalog == TriggerRelationId)
    return !reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple))->tgisinternal;
  if (catalog == RewriteRelationId)
    return strcmp(NameStr(reinterpret_cast<Form_pg_rewrite>(GETSTRUCT(tuple))->rulename),
                  ViewSelectRuleName) != 0;
  if (catalog == IndexRelationId)
    return get_rel_name(reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple))->indexrelid) != nullptr;
  return true;
}

constexpr Parts kParts[] = {
    {"constraints", ConstraintRelationId, ConstraintRelidTypidNameIndexId,
     Anum_pg_constraint_conrelid, write_constraint},
    {"indexes", IndexRelationId, IndexIndrelidIndexId, Anum_pg_index_indrelid, write_index},
    {"triggers", TriggerRelationId, TriggerRelidNameIndexId, Anum_pg_trigger_tgrelid,
     write_trigger},
    {"policies", PolicyRelationId, PolicyPolrelidPolnameIndexId, Anum_pg_policy_polrelid,
     write_policy},
    {"rules", RewriteRelationId, RewriteRelRulenameIndexId, Anum_pg_rewrite_ev_class, write_rule},
    {"statistics", StatisticExtRelationId, StatisticExtRelidIndexId, Anum_pg_statistic_ext_stxrelid,
     write_statistics}};

// These flags may be true where nothing is left, never false where there is something.
bool may_have(Form_pg_class row, Oid catalog) {
  if (catalog == IndexRelationId) return row->relhasindex;
  if (catalog == TriggerRelationId) return row->relhastriggers;
  if (catalog == RewriteRelationId) return row->relhasrules;
  return true;
}

void write_parts(ShapeWriter& out, const Parts& parts, Oid relation) {
  Relation catalog = table_open(parts.catalog, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, parts.relation_column, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  SysScanDesc scan = systable_beginscan(catalog, parts.index, true, nullptr, 1, &key);
  bool some = false;
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    if (!stands_alone(parts.catalog, tuple)) continue;
    if (!some) {
      out.key(parts.key);
      out.open('[');
      some = true;
    }
    out.open('{');
    parts.write(out, catalog, tuple);
    out.close('}');
  }
  if (some) out.close(']');
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
}

}  // namespace

void write_relation_parts(ShapeWriter& out, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
  for (const Parts& parts : kParts)
    if (may_have(row, parts.catalog)) write_parts(out, parts, row->oid);
}

}  // namespace strata::pg::raw
