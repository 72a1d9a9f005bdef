// Owns: the shape of a relation itself and of its columns (see shape.hpp).
#include "pg/comments.hpp"
#include "pg/shape.hpp"
#include "pg/shape_writer.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_inherits.h"
#include "commands/tablespace.h"
#include "common/hashfn.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"
}

namespace strata::pg::raw {

static const char* relation_display(Oid relation) {
  return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
                                    get_rel_name(relation));
}

// What the relation inherits from, in order.
static void write_parents(ShapeWriter& out, Oid relation) {
  Relation catalog = table_open(InheritsRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_inherits_inhrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  SysScanDesc scan = systable_beginscan(catalog, InheritsRelidSeqnoIndexId, true, nullptr, 1, &key);
  bool some = false;
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    if (!some) {
      out.key("parents");
      out.open('[');
      some = true;
    }
    out.cannot_last();
    out.value(relation_display(reinterpret_cast<Form_pg_inherits>(GETSTRUCT(tuple))->inhparent));
  }
  if (some) out.close(']');
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
}

static void write_toast_options(ShapeWriter& out, Oid toast) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(toast));
  if (!HeapTupleIsValid(tuple)) return;
  bool is_null;
  const Datum value = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &is_null);
  write_texts(out, "toast_options", value, is_null);
  ReleaseSysCache(tuple);
}

// The text that `function` gives for the relation.
static const char* text_of(PGFunction function, Oid relation) {
  return TextDatumGetCString(DirectFunctionCall1(function, ObjectIdGetDatum(relation)));
}

void write_relation(ShapeWriter& out, Oid relation, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
  const bool is_table =
      row->relkind == RELKIND_RELATION || row->relkind == RELKIND_PARTITIONED_TABLE;
  if (!is_table || row->relispartition || OidIsValid(row->reloftype)) out.cannot_last();
  out.names_relation(row->reltoastrelid);
  out.member("kind", relation_kind_name(row->relkind));
  out.member("schema", get_namespace_name(row->relnamespace));
  out.member("name", NameStr(row->relname));
  out.of_table(NameStr(row->relname), row->relnamespace);
  write_owner(out, row->relowner);
  bool is_null;
  Datum value = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_relacl, &is_null);
  write_acl(out, value, is_null, row->relkind == RELKIND_SEQUENCE ? OBJECT_SEQUENCE : OBJECT_TABLE,
            row->relowner);
  value = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &is_null);
  write_texts(out, "options", value, is_null);
  if (OidIsValid(row->reltoastrelid)) write_toast_options(out, row->reltoastrelid);
  out.code("persistence", row->relpersistence, RELPERSISTENCE_PERMANENT);
  out.code("replica_identity", row->relreplident,
           is_table ? REPLICA_IDENTITY_DEFAULT : REPLICA_IDENTITY_NOTHING);
  out.flag("row_security", row->relrowsecurity);
  out.flag("force_row_security", row->relforcerowsecurity);
  if (OidIsValid(row->reloftype)) out.member("of_type", format_type_be_qualified(row->reloftype));
  if (OidIsValid(row->reltablespace))
    out.member("tablespace", get_tablespace_name(row->reltablespace));
  if (OidIsValid(row->relam) && row->relam != HEAP_TABLE_AM_OID)
    out.member("access_method", get_am_name(row->relam));
  if (row->relkind == RELKIND_SEQUENCE) {
    write_sequence(out, relation);
    out.member("comment", column_comments(out, relation, 0)[0].text);
    return end_comments(out);
  }
  if (row->relkind == RELKIND_FOREIGN_TABLE) write_foreign_table(out, relation);
  write_parents(out, relation);
  if (row->relispartition) {
    value = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_relpartbound, &is_null);
    if (!is_null)
      out.member("bound", TextDatumGetCString(
                              DirectFunctionCall2(pg_get_expr, value, ObjectIdGetDatum(relation))));
  }
  if (row->relkind == RELKIND_PARTITIONED_TABLE) {
    const char* key = text_of(pg_get_partkeydef, relation);
    out.member("partition_key", key);
    out.has_expression(key, nullptr);
  }
  const char* comment = write_columns(out, relation);
  if (row->relkind == RELKIND_VIEW || row->relkind == RELKIND_MATVIEW)
    out.member("definition", text_of(pg_get_viewdef, relation));
  write_relation_parts(out, tuple);
  end_comments(out);
  out.member("comment", comment);
}

struct ColumnDefault {
  text* tree;
  uint64 stamp;  // of its row
};

// The expressions of all columns at once, each in the place of its number.
static ColumnDefault* column_defaults(Oid relation, int columns) {
  auto* defaults =
      static_cast<ColumnDefault*>(palloc0(sizeof(ColumnDefault) * static_cast<Size>(columns + 1)));
  Relation catalog = table_open(AttrDefaultRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_attrdef_adrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  SysScanDesc scan = systable_beginscan(catalog, AttrDefaultIndexId, true, nullptr, 1, &key);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    const int column = reinterpret_cast<Form_pg_attrdef>(GETSTRUCT(tuple))->adnum;
    bool is_null;
    const Datum tree =
        heap_getattr(tuple, Anum_pg_attrdef_adbin, RelationGetDescr(catalog), &is_null);
    if (column > 0 && column <= columns && !is_null)
      defaults[column] = {DatumGetTextPCopy(tree), stamp_with_row(0, tuple)};
  }
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  return defaults;
}

static void write_options_of_column(ShapeWriter& out, Datum options) {
  Datum* items;
  int count;
  deconstruct_array(DatumGetArrayTypeP(options), TEXTOID, -1, false, TYPALIGN_INT, &items, nullptr,
                    &count);
  bool some = false;
  for (int i = 0; i < count; i++) {
    const char* item = TextDatumGetCString(items[i]);
    if (strncmp(item, STRATA_RESERVED_COLUMN_OPTION, strlen(STRATA_RESERVED_COLUMN_OPTION)) == 0)
      continue;
    if (!std::exchange(some, true)) {
      out.key("options");
      out.open('[');
    }
    out.value(item);
  }
  if (some) out.close(']');
}

// Only what is generated mentions columns. To make ready for naming them is most of the work.
static const char* expression_of(Form_pg_attribute row, text* tree) {
  if (tree == nullptr) return nullptr;
  const Oid named = row->attgenerated != '\0' ? row->attrelid : InvalidOid;
  return TextDatumGetCString(
      DirectFunctionCall2(pg_get_expr, PointerGetDatum(tree), ObjectIdGetDatum(named)));
}

// Whether it names nothing but itself.
static bool is_plain(Form_pg_attribute row, const char* expression) {
  return row->attgenerated == '\0' && row->atttypid < FirstNormalObjectId &&
         (expression == nullptr ||
          (strchr(expression, '.') == nullptr && strstr(expression, "::reg") == nullptr));
}

static void write_column(ShapeWriter& out, HeapTuple tuple, const ColumnDefault& value,
                         const StampedText& comment) {
  auto* row = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple));
  const FragmentKey key = {row->attrelid, row->attnum};
  const uint64 stamp =
      stamp_with_row(hash_combine64(hash_combine64(0, value.stamp), comment.stamp), tuple);
  if (out.fragment(key, stamp)) return;
  const int start = out.length();
  out.open('{');
  out.member("attnum", static_cast<int64>(row->attnum));
  out.member("name", NameStr(row->attname));
  out.member("type", format_type_extended(row->atttypid, row->atttypmod,
                                          FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY |
                                              FORMAT_TYPE_ALLOW_INVALID));
  out.names_type(row->atttypid);
  out.flag("not_null", row->attnotnull);
  const char* expression = expression_of(row, value.tree);
  out.member(row->attgenerated != '\0' ? "generated_as" : "default", expression);
  if (expression != nullptr) out.has_expression(expression, text_to_cstring(value.tree));
  out.code("identity", row->attidentity, '\0');
  out.code("generated", row->attgenerated, '\0');
  out.code("compression", row->attcompression, '\0');
  out.flag("inherited", !row->attislocal);
  if (OidIsValid(row->attcollation) && row->attcollation != get_typcollation(row->atttypid))
    out.member("collation", get_collation_name(row->attcollation));
  if (row->attstorage != get_typstorage(row->atttypid)) out.code("storage", row->attstorage, '\0');
  bool is_null;
  const auto value_of = [&](AttrNumber column) {
    return SysCacheGetAttr(ATTNUM, tuple, column, &is_null);
  };
  const Datum acl = value_of(Anum_pg_attribute_attacl);
  if (!is_null) write_acl_items(out, acl);
  const Datum target = value_of(Anum_pg_attribute_attstattarget);
  write_target(out, target, is_null);
  const Datum options = value_of(Anum_pg_attribute_attoptions);
  if (!is_null) write_options_of_column(out, options);
  const Datum foreign = value_of(Anum_pg_attribute_attfdwoptions);
  write_texts(out, "foreign_options", foreign, is_null);
  out.member("comment", comment.text);
  out.close('}');
  if (is_plain(row, expression)) out.keep_fragment(key, stamp, start);
}

static int column_count(Oid relation) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return 0;
  const int count = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relnatts;
  ReleaseSysCache(tuple);
  return count;
}

template <class Use>
static void each_column(Oid relation, Use use) {
  Relation catalog = table_open(AttributeRelationId, AccessShareLock);
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], Anum_pg_attribute_attrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  ScanKeyInit(&keys[1], Anum_pg_attribute_attnum, BTGreaterStrategyNumber, F_INT2GT,
              Int16GetDatum(0));
  SysScanDesc scan = systable_beginscan(catalog, AttributeRelidNumIndexId, true, nullptr, 2, keys);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan))
    use(tuple);
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
}

// To fill the cache is a scan for each column.
template <class Use>
static void each_cached_column(Oid relation, int columns, Use use) {
  for (int i = 1; i <= columns; i++) {
    HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(i));
    if (!HeapTupleIsValid(tuple)) continue;
    use(tuple);
    ReleaseSysCache(tuple);
  }
}

const char* write_columns(ShapeWriter& out, Oid relation) {
  const int columns = column_count(relation);
  out.has_columns(columns);
  const ColumnDefault* defaults = column_defaults(relation, columns);
  const StampedText* comments = column_comments(out, relation, columns);
  const auto write = [&](HeapTuple tuple) {
    auto* row = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple));
    // Another session may have added some meanwhile.
    if (row->attisdropped || row->attnum > columns) return;
    out.with_column(row->attnum, NameStr(row->attname));
    write_column(out, tuple, defaults[row->attnum], comments[row->attnum]);
  };
  out.key("columns");
  out.open('[');
  if (out.is_often_read())
    each_cached_column(relation, columns, write);
  else
    each_column(relation, write);
  out.close(']');
  return comments[0].text;
}

}  // namespace strata::pg::raw
