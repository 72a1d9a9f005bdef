// Owns: the shapes of what queries are written with besides types and functions: operators, their
// classes and families, collations, conversions, text search objects, and casts (see shape.hpp).
//
// They are written as their catalogs have them, a member for each column, with names in place of
// numbers.
#include "pg/json_writer.hpp"
#include "pg/shape.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_am.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_conversion.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_ts_config.h"
#include "catalog/pg_ts_config_map.h"
#include "catalog/pg_ts_dict.h"
#include "catalog/pg_ts_parser.h"
#include "catalog/pg_ts_template.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::pg::raw {
namespace {

// The catalog that a column's numbers are of.
struct Reference {
  const char* column;
  Oid catalog;
};

constexpr Reference kReferences[] = {
    {"oprleft", TypeRelationId},           {"oprright", TypeRelationId},
    {"oprresult", TypeRelationId},         {"oprcom", OperatorRelationId},
    {"oprnegate", OperatorRelationId},     {"opcmethod", AccessMethodRelationId},
    {"opfmethod", AccessMethodRelationId}, {"opcfamily", OperatorFamilyRelationId},
    {"opcintype", TypeRelationId},         {"opckeytype", TypeRelationId},
    {"cfgparser", TSParserRelationId},     {"dicttemplate", TSTemplateRelationId}};

const char* identity(Oid catalog, Oid object) {
  const ObjectAddress address{catalog, object, 0};
  return getObjectIdentity(&address, true);
}

// Returns the value as text; null where it is not set.
const char* text_of(Form_pg_attribute column, Datum value) {
  if (column->atttypid == OIDOID) {
    if (!OidIsValid(DatumGetObjectId(value))) return nullptr;
    for (const Reference& reference : kReferences)
      if (strcmp(reference.column, NameStr(column->attname)) == 0)
        return identity(reference.catalog, DatumGetObjectId(value));
    return nullptr;
  }
  if (column->atttypid == REGPROCOID && !OidIsValid(DatumGetObjectId(value))) return nullptr;
  Oid output;
  bool is_varlena;
  getTypeOutputInfo(column->atttypid, &output, &is_varlena);
  return OidOutputFunctionCall(output, value);
}

void write_columns_of(JsonWriter& out, Oid catalog, HeapTuple tuple) {
  Relation rel = table_open(catalog, AccessShareLock);
  TupleDesc desc = RelationGetDescr(rel);
  for (AttrNumber i = 1; i <= desc->natts; i++) {
    if (i == get_object_attnum_oid(catalog) || i == get_object_attnum_name(catalog) ||
        i == get_object_attnum_namespace(catalog) || i == get_object_attnum_owner(catalog))
      continue;
    Form_pg_attribute column = TupleDescAttr(desc, i - 1);
    bool is_null;
    const Datum value = heap_getattr(tuple, i, desc, &is_null);
    if (!is_null) out.member(NameStr(column->attname), text_of(column, value));
  }
  table_close(rel, AccessShareLock);
}

// Calls write for each row whose first key column, in the index, is the object.
template <class Write>
void for_each_row(Oid catalog, Oid index, AttrNumber column, Oid object, const Write& write) {
  Relation rel = table_open(catalog, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(object));
  SysScanDesc scan =
      systable_beginscan(rel, index, OidIsValid(index), nullptr, OidIsValid(index) ? 1 : 0, &key);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan))
    write(tuple);
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
}

void write_family_members(JsonWriter& out, Oid family) {
  out.key("operators");
  out.open('[');
  for_each_row(AccessMethodOperatorRelationId, AccessMethodStrategyIndexId, Anum_pg_amop_amopfamily,
               family, [&](HeapTuple tuple) {
                 auto* row = reinterpret_cast<Form_pg_amop>(GETSTRUCT(tuple));
                 const char* order = OidIsValid(row->amopsortfamily)
                                         ? identity(OperatorFamilyRelationId, row->amopsortfamily)
                                         : nullptr;
                 out.value(psprintf(
                     "%d %s%s%s", row->amopstrategy, identity(OperatorRelationId, row->amopopr),
                     order != nullptr ? " FOR ORDER BY " : "", order != nullptr ? order : ""));
               });
  out.close(']');
  out.key("functions");
  out.open('[');
  for_each_row(AccessMethodProcedureRelationId, AccessMethodProcedureIndexId,
               Anum_pg_amproc_amprocfamily, family, [&](HeapTuple tuple) {
                 auto* row = reinterpret_cast<Form_pg_amproc>(GETSTRUCT(tuple));
                 out.value(psprintf("%d (%s, %s) %s", row->amprocnum,
                                    format_type_be_qualified(row->amproclefttype),
                                    format_type_be_qualified(row->amprocrighttype),
                                    identity(ProcedureRelationId, row->amproc)));
               });
  out.close(']');
}

// Kinds of words by their number: the parser has their names.
void write_dictionaries(JsonWriter& out, Oid config) {
  out.key("dictionaries");
  out.open('[');
  for_each_row(TSConfigMapRelationId, TSConfigMapIndexId, Anum_pg_ts_config_map_mapcfg, config,
               [&](HeapTuple tuple) {
                 auto* row = reinterpret_cast<Form_pg_ts_config_map>(GETSTRUCT(tuple));
                 out.value(psprintf("%d %d %s", row->maptokentype, row->mapseqno,
                                    identity(TSDictionaryRelationId, row->mapdict)));
               });
  out.close(']');
}

}  // namespace

bool is_code_catalog(Oid classid) {
  switch (classid) {
    case CollationRelationId:
    case ConversionRelationId:
    case OperatorClassRelationId:
    case OperatorFamilyRelationId:
    case OperatorRelationId:
    case TSConfigRelationId:
    case TSDictionaryRelationId:
    case TSParserRelationId:
    case TSTemplateRelationId:
      return true;
    default:
      return false;
  }
}

const char* code_name(const Object& object) {
  const ObjectAddress address{object.classid, object.objid, 0};
  const char* name = getObjectIdentity(&address, true);
  if (name == nullptr) return nullptr;
  return psprintf("%s %s", getObjectTypeDescription(&address, true), name);
}

void write_code(JsonWriter& out, const Object& object, HeapTuple tuple) {
  const ObjectAddress address{object.classid, object.objid, 0};
  const int cache = get_object_catcache_oid(object.classid);
  bool is_null;
  const auto part = [&](AttrNumber column) {
    return SysCacheGetAttr(cache, tuple, column, &is_null);
  };
  out.member("kind", getObjectTypeDescription(&address, true));
  out.member("schema", get_namespace_name(
                           DatumGetObjectId(part(get_object_attnum_namespace(object.classid)))));
  out.member("name", NameStr(*DatumGetName(part(get_object_attnum_name(object.classid)))));
  if (const AttrNumber owner = get_object_attnum_owner(object.classid); owner > 0)
    write_owner(out, DatumGetObjectId(part(owner)));
  write_columns_of(out, object.classid, tuple);
  if (object.classid == OperatorFamilyRelationId) write_family_members(out, object.objid);
  if (object.classid == TSConfigRelationId) write_dictionaries(out, object.objid);
}

static Oid type_of_cast(Oid source, Oid target) {
  return source >= FirstNormalObjectId ? source : target;
}

void write_casts(JsonWriter& out, Oid type) {
  bool some = false;
  const auto write = [&](HeapTuple tuple) {
    auto* row = reinterpret_cast<Form_pg_cast>(GETSTRUCT(tuple));
    if (type_of_cast(row->castsource, row->casttarget) != type) return;
    if (!some) {
      out.key("casts");
      out.open('[');
      some = true;
    }
    out.open('{');
    out.member("from", format_type_be_qualified(row->castsource));
    out.member("to", format_type_be_qualified(row->casttarget));
    out.code("context", row->castcontext, COERCION_CODE_EXPLICIT);
    out.code("method", row->castmethod, COERCION_METHOD_FUNCTION);
    if (OidIsValid(row->castfunc))
      out.member("function", identity(ProcedureRelationId, row->castfunc));
    write_comment(out, CastRelationId, row->oid, 0);
    out.close('}');
  };
  for_each_row(CastRelationId, CastSourceTargetIndexId, Anum_pg_cast_castsource, type, write);
  // There is no index on targets, and few casts.
  for_each_row(CastRelationId, InvalidOid, Anum_pg_cast_casttarget, type, [&](HeapTuple tuple) {
    auto* row = reinterpret_cast<Form_pg_cast>(GETSTRUCT(tuple));
    if (row->casttarget == type && row->castsource != type) write(tuple);
  });
  if (some) out.close(']');
}

static Oid type_of_cast(Oid cast) {
  Oid type = InvalidOid;
  for_each_row(CastRelationId, CastOidIndexId, Anum_pg_cast_oid, cast, [&](HeapTuple tuple) {
    auto* row = reinterpret_cast<Form_pg_cast>(GETSTRUCT(tuple));
    type = type_of_cast(row->castsource, row->casttarget);
  });
  return type;
}

}  // namespace strata::pg::raw

namespace strata::pg {

Oid type_of_cast(Oid cast) {
  return call([&] { return raw::type_of_cast(cast); });
}

bool has_code_shape(Oid classid) {
  return raw::is_code_catalog(classid);
}

}  // namespace strata::pg
