// Owns: facts about names that change: RENAME, SET SCHEMA.
#include "ddl/closure.hpp"
#include "ddl/facts_parts.hpp"
#include "ddl/type_use.hpp"
#include "pg/names.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
}

namespace strata::ddl {
namespace {

bool is_index(Oid relation) {
  const char kind = pg::table_facts(relation).kind;
  return kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX;
}

// A version view has one name, and that is its promise.
void lose_name(FactsBuilder& out, Oid relation) {
  out.break_both(relation);
  if (const catalog::VersionView* view = out.registry().view(relation))
    out.break_version(view->version_id);
}

void rename_relation(FactsBuilder& out, RenameStmt* stmt) {
  const Oid known = out.find(stmt->relation);
  if (OidIsValid(known) && is_index(known))
    return void(out.add_named(stmt->relation, Lock::ShareUpdateExclusive));
  const Oid relation = out.add_named(stmt->relation, Lock::AccessExclusive);
  if (OidIsValid(relation)) lose_name(out, relation);
}

void rename_column(FactsBuilder& out, RenameStmt* stmt) {
  const Oid relation = out.add_named(stmt->relation, Lock::AccessExclusive);
  if (!OidIsValid(relation)) return;
  for (const Oid target : tree_of(relation, stmt->relation->inh)) {
    out.add(target, Lock::AccessExclusive);
    lose_name(out, target);
  }
}

// Returns true when somebody may know something in the schema.
bool has_users(FactsBuilder& out, Oid schema) {
  const auto inside = pg::dependents_of({NamespaceRelationId, schema, 0});
  return std::any_of(inside.begin(), inside.end(), [&](const pg::Dependency& object) {
    return !object.is_new &&
           (object.object.classid != RelationRelationId || !out.is_empty(object.object.objid));
  });
}

// Everything in the schema has another name; for clients of its versions, nothing has.
void rename_schema(FactsBuilder& out, const char* name) {
  out.about(pg::quote(name));
  const Oid schema = pg::schema_oid(name);
  if (!OidIsValid(schema)) return;
  out.in_schema(schema);
  if (const catalog::Version* version = out.registry().version_of_schema(schema))
    out.break_version(version->id);
  if (const catalog::BaseSchema* base = out.registry().base_schema(schema)) {
    for (const auto& [id, version] : out.registry().versions())
      if (version.base == base->name) return;
  }
  if (!has_users(out, schema)) return;
  out.facts.breaks_readers = out.facts.breaks_writers = true;
}

// A constraint's name is what ON CONFLICT ON CONSTRAINT and handlers of errors know.
void rename_part(FactsBuilder& out, RenameStmt* stmt) {
  out.add_named(stmt->relation, Lock::AccessExclusive);
  if (stmt->renameType == OBJECT_TABCONSTRAINT) out.facts.breaks_writers = true;
}

void rename_attribute(FactsBuilder& out, RenameStmt* stmt) {
  const Oid type = out.add_named(stmt->relation, Lock::AccessExclusive);
  out.facts.breaks_readers = out.facts.breaks_writers = true;
  if (!OidIsValid(type)) return;
  const pg::Object row_type{TypeRelationId, pg::table_facts(type).row_type, 0};
  for (const pg::Dependency& user : pg::dependents_of(row_type))
    if (user.object.classid == RelationRelationId &&
        pg::table_facts(user.object.objid).of_type == row_type.objid)
      out.add(user.object.objid, Lock::AccessExclusive);
  for (const Hit& hit : drop_hits(out.registry(), {row_type}, true))
    if (const catalog::VersionView* view = out.registry().view(hit.view))
      out.break_version(view->version_id);
}

// Who writes casts to it by name; what only versions still show is on its way out.
void rename_type(FactsBuilder& out, RenameStmt* stmt) {
  out.in_schema_of(stmt->renameType, stmt->object);
  const pg::Object type{TypeRelationId, pg::call([&] {
                          return LookupTypeNameOid(
                              nullptr, makeTypeNameFromNameList(castNode(List, stmt->object)),
                              true);
                        }),
                        0};
  if (OidIsValid(type.objid) &&
      (pg::made_here(type) || only_versions_use(out.registry(), type.objid)))
    return;
  out.facts.breaks_writers = true;
}

void rename(FactsBuilder& out, RenameStmt* stmt) {
  switch (stmt->renameType) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_SEQUENCE:
    case OBJECT_INDEX:
      return rename_relation(out, stmt);
    case OBJECT_COLUMN:
      return rename_column(out, stmt);
    case OBJECT_ATTRIBUTE:
      return rename_attribute(out, stmt);
    case OBJECT_SCHEMA:
      return rename_schema(out, stmt->subname);
    case OBJECT_TABCONSTRAINT:
    case OBJECT_POLICY:
    case OBJECT_RULE:
    case OBJECT_TRIGGER:
      return rename_part(out, stmt);
    case OBJECT_DOMCONSTRAINT:
      return out.in_schema_of(OBJECT_DOMAIN, stmt->object);
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
      return rename_type(out, stmt);
    case OBJECT_ROLE:
    case OBJECT_TABLESPACE:
      out.about(pg::quote(stmt->subname));
      out.facts.privilege = stmt->renameType == OBJECT_ROLE;
      return;
    case OBJECT_EVENT_TRIGGER:
      out.facts.control_plane = true;
      return;
    case OBJECT_PUBLICATION:
      in_published_schemas(out, strVal(stmt->object));
      out.facts.breaks_readers = true;
      return;
    case OBJECT_DATABASE:
      out.about(pg::quote(stmt->subname));
      [[fallthrough]];
    default:
      out.in_schema_of(stmt->renameType, stmt->object);
      out.facts.breaks_readers = out.facts.breaks_writers = true;
  }
}

void set_schema(FactsBuilder& out, AlterObjectSchemaStmt* stmt) {
  if (stmt->relation == nullptr) {
    out.in_schema_of(stmt->objectType, stmt->object);
    out.facts.breaks_readers = out.facts.breaks_writers = true;
    return;
  }
  const Oid relation = out.add_named(stmt->relation, Lock::AccessExclusive);
  if (!OidIsValid(relation)) return;
  lose_name(out, relation);
  for (const pg::Dependency& part : pg::dependents_of({RelationRelationId, relation, 0}))
    if (part.object.classid == RelationRelationId &&
        pg::table_facts(part.object.objid).kind == RELKIND_SEQUENCE &&
        (part.type == DEPENDENCY_AUTO || part.type == DEPENDENCY_INTERNAL))
      out.add(part.object.objid, Lock::AccessExclusive);
}

}  // namespace

bool rename_facts(FactsBuilder& out, Node* tree) {
  switch (nodeTag(tree)) {
    case T_RenameStmt:
      rename(out, castNode(RenameStmt, tree));
      return true;
    case T_AlterObjectSchemaStmt:
      set_schema(out, castNode(AlterObjectSchemaStmt, tree));
      return true;
    default:
      return false;
  }
}

}  // namespace strata::ddl
