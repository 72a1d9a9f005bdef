// Owns: which part writes which object, and what all have (see shape.hpp).
#include "pg/shape.hpp"

#include "model/mask.hpp"
#include "pg/comments.hpp"
#include "pg/known_shapes.hpp"
#include "pg/names.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "commands/comment.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace raw {

void write_acl_items(JsonWriter& out, Datum acl) {
  int16 length;  // 16 made it longer
  bool by_value;
  char alignment;
  get_typlenbyvalalign(ACLITEMOID, &length, &by_value, &alignment);
  Datum* items;
  int count;
  deconstruct_array(DatumGetArrayTypeP(acl), ACLITEMOID, length, by_value, alignment, &items,
                    nullptr, &count);
  out.key("acl");
  out.open('[');
  for (int i = 0; i < count; i++)
    out.value(DatumGetCString(DirectFunctionCall1(aclitemout, items[i])));
  out.close(']');
}

// What was granted and revoked again leaves the defaults behind, as written out.
static bool is_default(Datum acl, ObjectType type, Oid owner) {
  Acl* usual = acldefault(type, owner);
  Acl* given = DatumGetAclPCopy(acl);
  aclitemsort(usual);
  aclitemsort(given);
  return aclequal(usual, given);
}

void write_acl(JsonWriter& out, Datum acl, bool is_null, ObjectType type, Oid owner) {
  if (!is_null && !is_default(acl, type, owner)) write_acl_items(out, acl);
}

void write_texts(JsonWriter& out, const char* key, Datum texts, bool is_null) {
  if (is_null) return;
  Datum* items;
  int count;
  deconstruct_array(DatumGetArrayTypeP(texts), TEXTOID, -1, false, TYPALIGN_INT, &items, nullptr,
                    &count);
  out.key(key);
  out.open('[');
  for (int i = 0; i < count; i++)
    out.value(TextDatumGetCString(items[i]));
  out.close(']');
}

// An int4 that is -1 by default, from 17 on an int2 that is null.
void write_target(JsonWriter& out, Datum target, bool is_null) {
  const int value = is_null ? -1 : DatumGetInt16(target);
  if (value != -1) out.member("statistics_target", psprintf("%d", value));
}

void write_owner(JsonWriter& out, Oid owner) {
  out.member("owner", GetUserNameFromId(owner, true));
}

void write_comment(JsonWriter& out, Oid classid, Oid object, int32 subid) {
  out.member("comment", GetComment(object, classid, subid));
}

static int cache_of(Oid classid) {
  switch (classid) {
    case RelationRelationId:
      return RELOID;
    case TypeRelationId:
      return TYPEOID;
    case ProcedureRelationId:
      return PROCOID;
    case NamespaceRelationId:
      return NAMESPACEOID;
    default:
      return is_code_catalog(classid) ? get_object_catcache_oid(classid) : -1;
  }
}

static const char* shape_of(const Object& object, const ShapeFragments& fragments,
                            ShapeSources* sources) {
  const int cache = cache_of(object.classid);
  if (cache < 0) return nullptr;
  HeapTuple tuple = SearchSysCache1(cache, ObjectIdGetDatum(object.objid));
  if (!HeapTupleIsValid(tuple)) return nullptr;
  ShapeWriter out(&fragments);
  out.begin();
  out.open('{');
  out.member("oid", static_cast<int64>(object.objid));
  switch (object.classid) {
    case RelationRelationId:
      write_relation(out, object.objid, tuple);
      break;
    case TypeRelationId:
      write_type(out, object.objid, tuple);
      break;
    case ProcedureRelationId:
      write_function(out, object.objid, tuple);
      break;
    case NamespaceRelationId:
      write_schema(out, tuple);
      break;
    default:
      write_code(out, object, tuple);
  }
  write_extension(out, object);
  if (object.classid != RelationRelationId) write_comment(out, object.classid, object.objid, 0);
  out.close('}');
  ReleaseSysCache(tuple);
  *sources = out.sources();
  return out.text();
}

const char* relation_kind_name(char kind) {
  switch (kind) {
    case RELKIND_RELATION:
    case RELKIND_PARTITIONED_TABLE:
      return "table";
    case RELKIND_VIEW:
      return "view";
    case RELKIND_MATVIEW:
      return "materialized view";
    case RELKIND_FOREIGN_TABLE:
      return "foreign table";
    case RELKIND_SEQUENCE:
      return "sequence";
    case RELKIND_COMPOSITE_TYPE:
      return "composite type";
    case RELKIND_INDEX:
    case RELKIND_PARTITIONED_INDEX:
      return "index";
    default:
      return "relation";
  }
}

static const char* shape_name(const Object& object) {
  switch (object.classid) {
    case RelationRelationId: {
      const char* name = get_rel_name(object.objid);
      if (name == nullptr) return nullptr;
      return psprintf(
          "%s %s", relation_kind_name(get_rel_relkind(object.objid)),
          quote_qualified_identifier(get_namespace_name(get_rel_namespace(object.objid)), name));
    }
    case TypeRelationId:
      return psprintf(
          "type %s", format_type_extended(object.objid, -1,
                                          FORMAT_TYPE_FORCE_QUALIFY | FORMAT_TYPE_INVALID_AS_NULL));
    case ProcedureRelationId: {
      const char* name = format_procedure_extended(
          object.objid, FORMAT_PROC_FORCE_QUALIFY | FORMAT_PROC_INVALID_AS_NULL);
      return name == nullptr ? nullptr : psprintf("function %s", name);
    }
    case NamespaceRelationId: {
      const char* name = get_namespace_name(object.objid);
      return name == nullptr ? nullptr : psprintf("schema %s", quote_identifier(name));
    }
    default:
      return is_code_catalog(object.classid) ? code_name(object) : nullptr;
  }
}

static Oid shape_schema(const Object& object) {
  if (object.classid == NamespaceRelationId) return object.objid;
  const int cache = cache_of(object.classid);
  if (cache < 0) return InvalidOid;
  HeapTuple tuple = SearchSysCache1(cache, ObjectIdGetDatum(object.objid));
  if (!HeapTupleIsValid(tuple)) return InvalidOid;
  Oid schema = InvalidOid;
  switch (object.classid) {
    case RelationRelationId:
      schema = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relnamespace;
      break;
    case TypeRelationId:
      schema = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->typnamespace;
      break;
    case ProcedureRelationId:
      schema = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->pronamespace;
      break;
    default: {
      bool is_null;
      schema = DatumGetObjectId(
          SysCacheGetAttr(cache, tuple, get_object_attnum_namespace(object.classid), &is_null));
    }
  }
  ReleaseSysCache(tuple);
  return schema;
}

static Oid storage_file(Oid relation) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return InvalidOid;
  const Oid file = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relfilenode;
  ReleaseSysCache(tuple);
  return file;
}

}  // namespace raw

Oid shape_schema(const Object& object) {
  return call([&] { return raw::shape_schema(object); });
}

Oid storage_file(Oid relation) {
  return call([&] { return raw::storage_file(relation); });
}

static void keep(ShapeFragments& fragments, const raw::ShapeSources& sources, const char* text) {
  const ListCell* cell;
  foreach (cell, sources.fragments)
    fragments.keep(*static_cast<const WrittenFragment*>(lfirst(cell)), text);
}

std::optional<std::string> shape_of(const Object& object, uint64_t* comments) {
  raw::ShapeSources sources;
  if (object.classid != RelationRelationId) {
    const ShapeFragments none;
    const char* text = call([&] { return raw::shape_of(object, none, &sources); });
    return text == nullptr ? std::nullopt : std::optional(model::mask_in_definition(text));
  }
  if (const KnownShape* known = known_shape(object.objid)) {
    if (comments != nullptr) *comments = known->comments;
    return known->shape;
  }
  ShapeReading reading(object.objid);
  ShapeFragments& fragments = fragments_of(object.objid);
  const char* text = call([&] { return raw::shape_of(object, fragments, &sources); });
  if (text == nullptr) return std::nullopt;
  if (reading.is_undisturbed()) keep(fragments, sources, text);
  std::string shape = model::mask_in_definition(text);
  if (comments != nullptr) *comments = sources.comments;
  reading.remember(sources, {shape_name(object), shape, sources.comments});
  return shape;
}

std::string shape_name(const Object& object) {
  const char* text = call([&] { return raw::shape_name(object); });
  if (text == nullptr) return {};
  // Functions have their arguments in it, and names are in an index.
  constexpr size_t room = 1000;
  std::string name = text;
  if (name.size() <= room) return name;
  return fmt::format("{}... {}", clipped(name, room), object.objid);
}

}  // namespace strata::pg
