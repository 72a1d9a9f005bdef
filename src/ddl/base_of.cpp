// Owns: finding the tracked schema of a statement (see base_of.hpp).
#include "ddl/base_of.hpp"

#include "pg/names.hpp"

extern "C" {
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::ddl {
namespace {

using catalog::BaseSchema;
using catalog::Registry;

// A schema is a base or holds a version of one.
const BaseSchema* base_of_schema(const Registry& registry, Oid schema) {
  if (const BaseSchema* base = registry.base_schema(schema)) return base;
  const catalog::Version* version = registry.version_of_schema(schema);
  return version != nullptr ? registry.base_schema(version->base) : nullptr;
}

const BaseSchema* base_of_view(const Registry& registry, const catalog::VersionView& view) {
  const catalog::Version* version = registry.version(view.version_id);
  return version != nullptr ? registry.base_schema(version->base) : nullptr;
}

// A relation that was moved out of its schema still serves the versions that read it.
const BaseSchema* base_of_relation(const Registry& registry, Oid relation) {
  if (const BaseSchema* base = base_of_schema(registry, pg::relation_schema(relation))) return base;
  for (const catalog::VersionView* view : registry.views_of(relation))
    if (const BaseSchema* base = base_of_view(registry, *view)) return base;
  return nullptr;
}

Oid schema_of_type(Oid type) {
  return pg::call([&] {
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
    if (!HeapTupleIsValid(tuple)) return InvalidOid;
    const Oid schema = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->typnamespace;
    ReleaseSysCache(tuple);
    return schema;
  });
}

const BaseSchema* base_of_object(const Registry& registry, const pg::Object& object) {
  if (object.classid == RelationRelationId) return base_of_relation(registry, object.objid);
  if (object.classid == NamespaceRelationId) return base_of_schema(registry, object.objid);
  if (object.classid == TypeRelationId)
    return base_of_schema(registry, schema_of_type(object.objid));
  return nullptr;
}

const RangeVar* named_relation(const Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterTableStmt:
      return reinterpret_cast<const AlterTableStmt*>(tree)->relation;
    case T_RenameStmt:
      return reinterpret_cast<const RenameStmt*>(tree)->relation;
    case T_AlterObjectSchemaStmt:
      return reinterpret_cast<const AlterObjectSchemaStmt*>(tree)->relation;
    case T_IndexStmt:
      return reinterpret_cast<const IndexStmt*>(tree)->relation;
    case T_CreateTrigStmt:
      return reinterpret_cast<const CreateTrigStmt*>(tree)->relation;
    case T_RuleStmt:
      return reinterpret_cast<const RuleStmt*>(tree)->relation;
    case T_CreateStmt:
    case T_CreateForeignTableStmt:
      return reinterpret_cast<const CreateStmt*>(tree)->relation;
    case T_CreateTableAsStmt:
      return reinterpret_cast<const CreateTableAsStmt*>(tree)->into->rel;
    case T_ViewStmt:
      return reinterpret_cast<const ViewStmt*>(tree)->view;
    default:
      return nullptr;
  }
}

// Returns the schema in a qualified name; null when it has none.
const char* schema_in(const Node* name) {
  if (name == nullptr || !IsA(name, List)) return nullptr;
  const auto* names = reinterpret_cast<const List*>(name);
  // Of a cast they are two types.
  if (list_length(names) != 2 || !IsA(linitial(names), String)) return nullptr;
  return strVal(linitial(names));
}

const char* named_schema(const Node* tree) {
  if (const RangeVar* relation = named_relation(tree)) return relation->schemaname;
  if (IsA(tree, DropStmt)) {
    const auto* drop = reinterpret_cast<const DropStmt*>(tree);
    auto* first = static_cast<Node*>(linitial(drop->objects));
    if (drop->removeType == OBJECT_SCHEMA) return strVal(first);
    return schema_in(first);
  }
  if (!IsA(tree, TruncateStmt)) return nullptr;
  return linitial_node(RangeVar, reinterpret_cast<const TruncateStmt*>(tree)->relations)
      ->schemaname;
}

}  // namespace

const BaseSchema* base_named_in(const Registry& registry, const Node* tree) {
  const char* schema = named_schema(tree);
  return schema != nullptr ? registry.base_schema(std::string(schema)) : nullptr;
}

const BaseSchema* base_of(const Registry& registry, const Statement& statement) {
  for (const TargetRelation& target : statement.relations)
    if (const BaseSchema* base = base_of_relation(registry, target.relation)) return base;
  for (const pg::Object& drop : statement.drops)
    if (const BaseSchema* base = base_of_object(registry, drop)) return base;
  for (const pg::Object& type : statement.altered_types)
    if (const BaseSchema* base = base_of_object(registry, type)) return base;
  if (statement.renamed_schema.empty()) return nullptr;
  return base_of_schema(registry, pg::schema_oid(statement.renamed_schema));
}

const BaseSchema* base_of(const Registry& registry, const Hit& hit) {
  if (const catalog::VersionView* view = registry.view(hit.view))
    return base_of_view(registry, *view);
  return hit.cause.classid == NamespaceRelationId ? base_of_schema(registry, hit.cause.objid)
                                                  : nullptr;
}

}  // namespace strata::ddl
