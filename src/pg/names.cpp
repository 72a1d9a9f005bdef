// Owns: look-ups between names and OIDs (see names.hpp).
#include "pg/names.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_namespace.h"
#include "mb/pg_wchar.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace {

// Turns a palloc'd string, or null, into a std::string.
std::string own(const char* text) {
  return text ? std::string(text) : std::string();
}

}  // namespace

Oid schema_oid(const std::string& name) {
  return call([&] { return get_namespace_oid(name.c_str(), true); });
}

std::string schema_name(Oid schema) {
  return own(call([&] { return get_namespace_name(schema); }));
}

Oid schema_owner(Oid schema) {
  return call([&] {
    HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
    if (!HeapTupleIsValid(tuple)) return InvalidOid;
    Oid owner = reinterpret_cast<Form_pg_namespace>(GETSTRUCT(tuple))->nspowner;
    ReleaseSysCache(tuple);
    return owner;
  });
}

Oid relation_oid(Oid schema, const std::string& name) {
  return call([&] { return get_relname_relid(name.c_str(), schema); });
}

std::string relation_name(Oid relation) {
  return own(call([&] { return get_rel_name(relation); }));
}

Oid relation_schema(Oid relation) {
  return call([&] { return get_rel_namespace(relation); });
}

std::string relation_display(Oid relation) {
  const char* text = call([&]() -> const char* {
    const char* name = get_rel_name(relation);
    const char* schema = name ? get_namespace_name(get_rel_namespace(relation)) : nullptr;
    return schema ? quote_qualified_identifier(schema, name) : nullptr;
  });
  return text ? std::string(text) : fmt::format("relation {}", relation);
}

std::string quote_schema_of(Oid relation) {
  return own(call([&]() -> const char* {
    const char* schema = get_namespace_name(get_rel_namespace(relation));
    return schema ? quote_identifier(schema) : "pg_catalog";
  }));
}

std::string type_display(Oid type, int32_t typmod) {
  return own(call([&] { return format_type_with_typemod(type, typmod); }));
}

std::string role_name(Oid role) {
  return own(call([&] { return GetUserNameFromId(role, true); }));
}

std::string clipped(std::string text, size_t room) {
  if (text.size() > room)
    text.resize(static_cast<size_t>(
        pg_mbcliplen(text.data(), static_cast<int>(text.size()), static_cast<int>(room))));
  return text;
}

}  // namespace strata::pg
