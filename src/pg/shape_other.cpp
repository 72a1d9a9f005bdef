// Owns: the shapes of types, functions and schemas (see shape.hpp).
#include "pg/comments.hpp"
#include "pg/shape.hpp"
#include "pg/shape_writer.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_default_acl.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_range.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"
}

namespace strata::pg::raw {

static const char* type_kind_name(char kind) {
  switch (kind) {
    case TYPTYPE_ENUM:
      return "enum";
    case TYPTYPE_DOMAIN:
      return "domain";
    case TYPTYPE_COMPOSITE:
      return "composite";
    case TYPTYPE_RANGE:
      return "range";
    case TYPTYPE_MULTIRANGE:
      return "multirange";
    default:
      return "base";
  }
}

// In their order, which is not that of their OIDs.
static void write_labels(JsonWriter& out, Oid type) {
  Relation catalog = table_open(EnumRelationId, AccessShareLock);
  Relation index = index_open(EnumTypIdSortOrderIndexId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_enum_enumtypid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(type));
  SysScanDesc scan = systable_beginscan_ordered(catalog, index, nullptr, 1, &key);
  out.key("labels");
  out.open('[');
  for (HeapTuple tuple = systable_getnext_ordered(scan, ForwardScanDirection);
       HeapTupleIsValid(tuple); tuple = systable_getnext_ordered(scan, ForwardScanDirection))
    out.value(NameStr(reinterpret_cast<Form_pg_enum>(GETSTRUCT(tuple))->enumlabel));
  out.close(']');
  systable_endscan_ordered(scan);
  index_close(index, AccessShareLock);
  table_close(catalog, AccessShareLock);
}

static void write_domain_constraints(JsonWriter& out, Oid type) {
  Relation catalog = table_open(ConstraintRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_constraint_contypid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(type));
  SysScanDesc scan = systable_beginscan(catalog, ConstraintTypidIndexId, true, nullptr, 1, &key);
  out.key("constraints");
  out.open('[');
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    auto* row = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple));
    out.open('{');
    out.member("name", NameStr(row->conname));
    out.member("definition", TextDatumGetCString(DirectFunctionCall1(pg_get_constraintdef,
                                                                     ObjectIdGetDatum(row->oid))));
    write_comment(out, ConstraintRelationId, row->oid, 0);
    out.close('}');
  }
  out.close(']');
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
}

static void write_range(JsonWriter& out, Oid type) {
  HeapTuple tuple = SearchSysCache1(RANGETYPE, ObjectIdGetDatum(type));
  if (!HeapTupleIsValid(tuple)) return;
  auto* row = reinterpret_cast<Form_pg_range>(GETSTRUCT(tuple));
  out.member("subtype", format_type_be_qualified(row->rngsubtype));
  if (OidIsValid(row->rngcollation)) out.member("collation", get_collation_name(row->rngcollation));
  ReleaseSysCache(tuple);
}

void write_type(ShapeWriter& out, Oid type, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple));
  out.member("kind", type_kind_name(row->typtype));
  out.member("schema", get_namespace_name(row->typnamespace));
  out.member("name", NameStr(row->typname));
  write_owner(out, row->typowner);
  bool is_null;
  Datum acl = SysCacheGetAttr(TYPEOID, tuple, Anum_pg_type_typacl, &is_null);
  write_acl(out, acl, is_null, OBJECT_TYPE, row->typowner);
  if (row->typtype == TYPTYPE_RANGE) write_range(out, type);
  if (row->typtype == TYPTYPE_ENUM) write_labels(out, type);
  if (row->typtype == TYPTYPE_COMPOSITE) {
    write_columns(out, row->typrelid);
    end_comments(out);
  }
  write_casts(out, type);
  if (row->typtype != TYPTYPE_DOMAIN) return;
  out.member("type", format_type_extended(row->typbasetype, row->typtypmod,
                                          FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
  out.flag("not_null", row->typnotnull);
  const Datum value = SysCacheGetAttr(TYPEOID, tuple, Anum_pg_type_typdefault, &is_null);
  if (!is_null) out.member("default", TextDatumGetCString(value));
  write_domain_constraints(out, type);
}

void write_function(JsonWriter& out, Oid function, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
  out.member("kind", row->prokind == PROKIND_PROCEDURE   ? "procedure"
                     : row->prokind == PROKIND_AGGREGATE ? "aggregate"
                                                         : "function");
  out.member("schema", get_namespace_name(row->pronamespace));
  out.member("name", NameStr(row->proname));
  write_owner(out, row->proowner);
  bool is_null;
  Datum acl = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proacl, &is_null);
  write_acl(out, acl, is_null, OBJECT_FUNCTION, row->proowner);
  out.member("arguments", TextDatumGetCString(DirectFunctionCall1(
                              pg_get_function_identity_arguments, ObjectIdGetDatum(function))));
  // The server has no such text for an aggregate.
  if (row->prokind == PROKIND_AGGREGATE)
    write_aggregate(out, function);
  else
    out.member("definition", TextDatumGetCString(DirectFunctionCall1(pg_get_functiondef,
                                                                     ObjectIdGetDatum(function))));
}

// What new objects in the schema may be used by.
static void write_default_acls(JsonWriter& out, Oid schema) {
  Relation catalog = table_open(DefaultAclRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_default_acl_defaclnamespace, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(schema));
  SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, nullptr, 1, &key);
  bool some = false;
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    auto* row = reinterpret_cast<Form_pg_default_acl>(GETSTRUCT(tuple));
    if (!some) {
      out.key("default_acl");
      out.open('[');
      some = true;
    }
    out.open('{');
    out.member("role", GetUserNameFromId(row->defaclrole, true));
    out.code("objects", row->defaclobjtype, '\0');
    bool is_null;
    const Datum acl =
        heap_getattr(tuple, Anum_pg_default_acl_defaclacl, RelationGetDescr(catalog), &is_null);
    if (!is_null) write_acl_items(out, acl);
    out.close('}');
  }
  if (some) out.close(']');
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
}

void write_schema(JsonWriter& out, HeapTuple tuple) {
  auto* row = reinterpret_cast<Form_pg_namespace>(GETSTRUCT(tuple));
  out.member("kind", "schema");
  out.member("name", NameStr(row->nspname));
  write_owner(out, row->nspowner);
  bool is_null;
  Datum acl = SysCacheGetAttr(NAMESPACEOID, tuple, Anum_pg_namespace_nspacl, &is_null);
  write_acl(out, acl, is_null, OBJECT_SCHEMA, row->nspowner);
  write_default_acls(out, row->oid);
}

}  // namespace strata::pg::raw
