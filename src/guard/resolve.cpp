// Owns: what a name means now (see walk.hpp). Locks nothing for longer than the look-up.
#include "guard/walk.hpp"

extern "C" {
#include "access/relation.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::guard::raw {
namespace {

// Stands for a name that means nothing now and that no new object would get.
constexpr const char* kUnknown = "?";

// Notes what the next name means; in a replay returns what it meant.
char* note(Walk* walk, char* meaning) {
  if (walk->replays) {
    const int at = list_length(walk->names);
    meaning = at < list_length(walk->given) ? strVal(list_nth(walk->given, at)) : pstrdup(kUnknown);
  }
  walk->names = lappend(walk->names, makeString(meaning));
  return meaning;
}

char* qualified(Oid schema, const char* name) {
  const char* schema_name = get_namespace_name(schema);
  return quote_qualified_identifier(schema_name ? schema_name : kUnknown, name);
}

// Where a new object without a schema goes; null when nowhere.
const char* creation_schema() {
  List* path = fetch_search_path(false);
  return path != NIL ? get_namespace_name(linitial_oid(path)) : nullptr;
}

char* name_of_new(Walk* walk, const char* schema, const char* name) {
  if (schema == nullptr) schema = creation_schema();
  if (schema == nullptr) walk->path_bound = true;
  return quote_qualified_identifier(schema ? schema : kUnknown, name);
}

void add_object(Walk* walk, Oid classid, Oid objid, int32 subid) {
  auto* address = static_cast<ObjectAddress*>(palloc(sizeof(ObjectAddress)));
  *address = {classid, objid, subid};
  walk->objects = lappend(walk->objects, address);
}

char* relation_meaning(Walk* walk, RangeVar* name, bool creates) {
  if (name->relpersistence == RELPERSISTENCE_TEMP)
    return quote_qualified_identifier("pg_temp", name->relname);
  Oid oid = InvalidOid;
  if (!creates) {
    oid = RangeVarGetRelid(name, NoLock, true);
    if (OidIsValid(oid)) {
      walk->relations = list_append_unique_oid(walk->relations, oid);
      return qualified(get_rel_namespace(oid), get_rel_name(oid));
    }
  }
  // In a query, what is no relation may be one of its WITH parts.
  if (walk->queries > 0 && name->schemaname == nullptr)
    return pstrdup(quote_identifier(name->relname));
  char* meaning = name_of_new(walk, name->schemaname, name->relname);
  const char* schema = name->schemaname ? name->schemaname : creation_schema();
  const Oid schema_oid = schema ? get_namespace_oid(schema, true) : InvalidOid;
  if (OidIsValid(schema_oid)) oid = get_relname_relid(name->relname, schema_oid);
  if (OidIsValid(oid)) walk->relations = list_append_unique_oid(walk->relations, oid);
  return meaning;
}

char* type_meaning(Walk* walk, List* names) {
  const Oid oid = LookupTypeNameOid(nullptr, makeTypeNameFromNameList(names), true);
  char* schema;
  char* name;
  if (!OidIsValid(oid)) {
    DeconstructQualifiedName(names, &schema, &name);
    return name_of_new(walk, schema, name);
  }
  HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(oid));
  if (!HeapTupleIsValid(tuple)) return pstrdup(kUnknown);
  const auto* form = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple));
  char* meaning = qualified(form->typnamespace, NameStr(form->typname));
  if (form->typnamespace != PG_CATALOG_NAMESPACE) add_object(walk, TypeRelationId, oid, 0);
  ReleaseSysCache(tuple);
  return meaning;
}

// What one schema alone has is meant, whatever the arguments; else the name stays as it is written.
char* name_in(Walk* walk, Oid schema, bool several, List* names) {
  if (OidIsValid(schema) && !several) return qualified(schema, strVal(llast(names)));
  walk->path_bound = true;
  return NameListToQuotedString(names);
}

char* function_meaning(Walk* walk, List* names) {
  Oid schema = InvalidOid;
  bool several = false;
  for (FuncCandidateList found = FuncnameGetCandidates(names, -1, NIL, false, false, false, true);
       found != nullptr; found = found->next) {
    const Oid in = get_func_namespace(found->oid);
    several = several || (OidIsValid(schema) && in != schema);
    schema = in;
  }
  return name_in(walk, schema, several, names);
}

Oid operator_schema(Oid oid) {
  HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(oid));
  if (!HeapTupleIsValid(tuple)) return InvalidOid;
  const Oid schema = reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple))->oprnamespace;
  ReleaseSysCache(tuple);
  return schema;
}

char* operator_meaning(Walk* walk, List* names) {
  Oid schema = InvalidOid;
  bool several = false;
  for (FuncCandidateList found = OpernameGetCandidates(names, '\0', true); found != nullptr;
       found = found->next) {
    const Oid in = operator_schema(found->oid);
    several = several || (OidIsValid(schema) && in != schema);
    schema = in;
  }
  return name_in(walk, schema, several, names);
}

char* collation_meaning(Walk* walk, List* names) {
  const Oid oid = get_collation_oid(names, true);
  HeapTuple tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(oid));
  if (!HeapTupleIsValid(tuple)) {
    walk->path_bound = true;
    return NameListToQuotedString(names);
  }
  char* meaning =
      qualified(reinterpret_cast<Form_pg_collation>(GETSTRUCT(tuple))->collnamespace,
                NameStr(reinterpret_cast<Form_pg_collation>(GETSTRUCT(tuple))->collname));
  ReleaseSysCache(tuple);
  return meaning;
}

bool is_name_list(const Node* node) {
  if (!IsA(node, List)) return false;
  ListCell* cell;
  foreach (cell, reinterpret_cast<const List*>(node))
    if (!IsA(lfirst(cell), String)) return false;
  return true;
}

// As ddl/drop.cpp finds objects: the lock of the look-up does not stay.
char* address_meaning(Walk* walk, ObjectType kind, Node* name) {
  Relation rel = nullptr;
  ObjectAddress address = get_object_address(kind, name, &rel, AccessShareLock, true);
  if (rel != nullptr)
    relation_close(rel, AccessShareLock);
  else if (OidIsValid(address.objectId) && !IsSharedRelation(address.classId))
    UnlockDatabaseObject(address.classId, address.objectId, 0, AccessShareLock);
  char* meaning = OidIsValid(address.objectId) ? getObjectIdentity(&address, true) : nullptr;
  if (meaning == nullptr) {
    walk->path_bound = true;
    return pstrdup(kUnknown);
  }
  add_object(walk, address.classId, address.objectId, address.objectSubId);
  return meaning;
}

// What belongs to a relation: its name after that of the relation.
char* part_meaning(Walk* walk, List* names) {
  RangeVar* of = makeRangeVarFromNameList(list_copy_head(names, list_length(names) - 1));
  return psprintf("%s.%s", relation_meaning(walk, of, false),
                  quote_identifier(strVal(llast(names))));
}

// Returns null for a kind of name that is not looked up.
char* object_meaning(Walk* walk, ObjectType kind, Node* name) {
  switch (kind) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_SEQUENCE:
    case OBJECT_INDEX:
      if (!is_name_list(name)) return nullptr;
      return relation_meaning(walk, makeRangeVarFromNameList(reinterpret_cast<List*>(name)), false);
    case OBJECT_COLUMN:
    case OBJECT_TRIGGER:
    case OBJECT_RULE:
    case OBJECT_POLICY:
    case OBJECT_TABCONSTRAINT:
      if (!is_name_list(name) || list_length(reinterpret_cast<List*>(name)) < 2) return nullptr;
      return part_meaning(walk, reinterpret_cast<List*>(name));
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
      if (IsA(name, TypeName)) return type_meaning(walk, reinterpret_cast<TypeName*>(name)->names);
      return is_name_list(name) ? type_meaning(walk, reinterpret_cast<List*>(name)) : nullptr;
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
    case OBJECT_AGGREGATE:
    case OBJECT_OPERATOR:
      return IsA(name, ObjectWithArgs) ? address_meaning(walk, kind, name) : nullptr;
    case OBJECT_COLLATION:
    case OBJECT_CONVERSION:
    case OBJECT_STATISTIC_EXT:
    case OBJECT_TSPARSER:
    case OBJECT_TSDICTIONARY:
    case OBJECT_TSTEMPLATE:
    case OBJECT_TSCONFIGURATION:
      return is_name_list(name) ? address_meaning(walk, kind, name) : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace

void relation(Walk* walk, RangeVar* name, bool creates) {
  char* meaning = note(walk, walk->replays ? nullptr : relation_meaning(walk, name, creates));
  name->catalogname = nullptr;
  name->schemaname = nullptr;
  name->relname = meaning;
}

void type(Walk* walk, TypeName* name) {
  if (name->names == NIL) return;
  if (name->pct_type) {
    walk->path_bound = true;
    return;
  }
  name->names =
      list_make1(makeString(note(walk, walk->replays ? nullptr : type_meaning(walk, name->names))));
}

void function_call(Walk* walk, FuncCall* call) {
  call->funcname = list_make1(
      makeString(note(walk, walk->replays ? nullptr : function_meaning(walk, call->funcname))));
}

void used_operator(Walk* walk, List** name) {
  if (*name == NIL) return;
  *name =
      list_make1(makeString(note(walk, walk->replays ? nullptr : operator_meaning(walk, *name))));
}

void collation(Walk* walk, List** name) {
  if (*name == NIL) return;
  *name =
      list_make1(makeString(note(walk, walk->replays ? nullptr : collation_meaning(walk, *name))));
}

void object(Walk* walk, ObjectType kind, Node** slot) {
  if (*slot == nullptr) return;
  // A schema, a role, an extension: named without a schema.
  if (IsA(*slot, String)) {
    const Oid schema = kind == OBJECT_SCHEMA ? get_namespace_oid(strVal(*slot), true) : InvalidOid;
    if (OidIsValid(schema)) add_object(walk, NamespaceRelationId, schema, 0);
    return;
  }
  char* meaning = nullptr;
  if (!walk->replays) {
    meaning = object_meaning(walk, kind, *slot);
    if (meaning == nullptr || strcmp(meaning, kUnknown) == 0) walk->path_bound = true;
    if (meaning == nullptr) meaning = pstrdup(kUnknown);
  }
  meaning = note(walk, meaning);
  // What nothing is known of is compared as it is written, under the same search_path.
  if (strcmp(meaning, kUnknown) != 0) *slot = reinterpret_cast<Node*>(makeString(meaning));
}

}  // namespace strata::guard::raw
