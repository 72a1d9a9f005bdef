// Owns: from the names in a statement to the objects that have definitions (see named.hpp).
#include "provenance/named.hpp"

#include "ddl/object_named.hpp"
#include "pg/names.hpp"
#include "pg/new_part.hpp"
#include "pg/relation.hpp"
#include "pg/table_facts.hpp"

extern "C" {
#include "catalog/pg_constraint.h"
#include "catalog/pg_default_acl.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
}

namespace strata::provenance {
namespace {

using Objects = std::set<pg::Object>;

// What is in a schema says so in pg_depend.
void add_all_in(Oid schema, Objects& out) {
  if (!OidIsValid(schema)) return;
  for (const pg::Dependency& dependent : pg::dependents_of({NamespaceRelationId, schema, 0}))
    out.insert(defined_in(dependent.object));
}

void add_type(List* names, Objects& out) {
  const Oid type =
      pg::call([&] { return LookupTypeNameOid(nullptr, makeTypeNameFromNameList(names), true); });
  if (OidIsValid(type)) out.insert(defined_in({TypeRelationId, type, 0}));
}

void add_schema(const char* name, Objects& out) {
  if (const Oid schema = pg::schema_oid(name); OidIsValid(schema))
    out.insert({NamespaceRelationId, schema, 0});
}

// Facts have the relations of statements, and parts are in them.
void add_object(ObjectType type, Node* name, Objects& out) {
  switch (type) {
    case OBJECT_DOMCONSTRAINT: {
      Node* domain = static_cast<Node*>(linitial(castNode(List, name)));
      if (IsA(domain, TypeName)) return add_object(OBJECT_DOMAIN, domain, out);
      // RENAME and COMMENT say it in two ways.
      return add_type(list_copy_head(castNode(List, name), list_length(castNode(List, name)) - 1),
                      out);
    }
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
      if (IsA(name, List)) return add_type(castNode(List, name), out);
      break;
    case OBJECT_AGGREGATE:
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
    case OBJECT_SCHEMA:
    case OBJECT_STATISTIC_EXT:
      break;
    default:
      return;
  }
  const pg::Object object = ddl::object_named(type, name);
  if (OidIsValid(object.objid)) out.insert(defined_in(object));
}

void add_granted(const GrantStmt* stmt, Objects& out) {
  const ListCell* cell;
  if (stmt->targtype == ACL_TARGET_OBJECT) {
    foreach (cell, stmt->objects)
      if (stmt->objtype != OBJECT_TABLE && stmt->objtype != OBJECT_SEQUENCE)
        add_object(stmt->objtype, static_cast<Node*>(lfirst(cell)), out);
    return;
  }
  foreach (cell, stmt->objects)
    add_all_in(pg::schema_oid(strVal(lfirst(cell))), out);
}

void add_default_privileges(const AlterDefaultPrivilegesStmt* stmt, Objects& out) {
  const ListCell* cell;
  foreach (cell, stmt->options) {
    const auto* option = static_cast<const DefElem*>(lfirst(cell));
    if (strcmp(option->defname, "schemas") != 0) continue;
    const ListCell* name;
    foreach (name, castNode(List, option->arg))
      add_schema(strVal(lfirst(name)), out);
  }
}

void add_of_roles(List* roles, Objects& out) {
  const ListCell* cell;
  foreach (cell, roles) {
    const Oid role = pg::call([&] { return get_rolespec_oid(lfirst_node(RoleSpec, cell), true); });
    if (!OidIsValid(role)) continue;
    for (const pg::Object& object : pg::saying_role(role))
      out.insert(defined_in(object));
  }
}

// Types that are not named themselves and go by the name of the object.
std::vector<pg::Object> types_of(const pg::Object& object) {
  const Oid type = object.classid == TypeRelationId ? object.objid
                   : object.classid == RelationRelationId
                       ? pg::call([&] { return get_rel_type_id(object.objid); })
                       : InvalidOid;
  if (!OidIsValid(type)) return {};
  return {{TypeRelationId, type, 0},
          {TypeRelationId, pg::call([&] { return get_array_type(type); }), 0}};
}

}  // namespace

pg::Object defined_in(const pg::Object& object) {
  pg::Object out{object.classid, object.objid, 0};
  switch (object.classid) {
    case NamespaceRelationId:
    case ProcedureRelationId:
    case RelationRelationId:
    case TypeRelationId:
      break;
    case DefaultAclRelationId:
      out = {NamespaceRelationId, pg::schema_of_default_acl(object.objid), 0};
      break;
    case IndexRelationId:
      out = {RelationRelationId, pg::index_facts(object.objid).table, 0};
      break;
    case StatisticExtRelationId:
      out = {RelationRelationId, pg::relation_of_new_part(object), 0};
      break;
    default:
      out = {RelationRelationId, pg::relation_of_part(object), 0};
      if (!OidIsValid(out.objid) && object.classid == ConstraintRelationId)
        out = {TypeRelationId, pg::domain_of_constraint(object.objid), 0};
  }
  if (out.classid == TypeRelationId) {
    // An array type comes and goes with that of its elements.
    if (const Oid element = pg::call([&] { return get_element_type(out.objid); });
        OidIsValid(element))
      out.objid = element;
    const Oid relation = pg::call([&] { return get_typ_typrelid(out.objid); });
    if (OidIsValid(relation) && pg::relation_kind(relation) != RELKIND_COMPOSITE_TYPE)
      out = {RelationRelationId, relation, 0};
  }
  if (out.classid == RelationRelationId) {
    const char kind = pg::relation_kind(out.objid);
    if (kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX)
      out.objid = pg::index_facts(out.objid).table;
    if (kind == RELKIND_TOASTVALUE) return {};
    if (kind == RELKIND_COMPOSITE_TYPE)
      out = {TypeRelationId, pg::call([&] { return get_rel_type_id(out.objid); }), 0};
  }
  return OidIsValid(out.objid) ? out : pg::Object{};
}

void add_named(Node* tree, Objects& out) {
  switch (nodeTag(tree)) {
    case T_AlterDomainStmt:
      return add_type(castNode(AlterDomainStmt, tree)->typeName, out);
    case T_AlterEnumStmt:
      return add_type(castNode(AlterEnumStmt, tree)->typeName, out);
    case T_CommentStmt:
      return add_object(castNode(CommentStmt, tree)->objtype, castNode(CommentStmt, tree)->object,
                        out);
    case T_SecLabelStmt:
      return add_object(castNode(SecLabelStmt, tree)->objtype, castNode(SecLabelStmt, tree)->object,
                        out);
    case T_RenameStmt: {
      auto* stmt = castNode(RenameStmt, tree);
      if (stmt->renameType == OBJECT_SCHEMA) {
        add_schema(stmt->subname, out);
        add_all_in(pg::schema_oid(stmt->subname), out);
      } else if (stmt->object != nullptr) {
        add_object(stmt->renameType, stmt->object, out);
      }
      return;
    }
    case T_AlterObjectSchemaStmt: {
      auto* stmt = castNode(AlterObjectSchemaStmt, tree);
      if (stmt->object != nullptr) add_object(stmt->objectType, stmt->object, out);
      return;
    }
    case T_AlterOwnerStmt: {
      auto* stmt = castNode(AlterOwnerStmt, tree);
      if (stmt->object != nullptr) add_object(stmt->objectType, stmt->object, out);
      return;
    }
    case T_GrantStmt:
      return add_granted(castNode(GrantStmt, tree), out);
    case T_AlterDefaultPrivilegesStmt:
      return add_default_privileges(castNode(AlterDefaultPrivilegesStmt, tree), out);
    case T_DropOwnedStmt:
      return add_of_roles(castNode(DropOwnedStmt, tree)->roles, out);
    case T_ReassignOwnedStmt:
      return add_of_roles(castNode(ReassignOwnedStmt, tree)->roles, out);
    default:
      return;
  }
}

bool changes_names(const Node* tree) {
  if (IsA(tree, AlterEnumStmt))
    return reinterpret_cast<const AlterEnumStmt*>(tree)->oldVal != nullptr;
  return IsA(tree, RenameStmt) || IsA(tree, AlterObjectSchemaStmt);
}

void add_mentioning(const Objects& objects, Objects& out) {
  for (const pg::Object& object : objects) {
    std::vector<pg::Object> named = types_of(object);
    if (std::find(named.begin(), named.end(), object) == named.end()) named.push_back(object);
    for (const pg::Object& one : named) {
      if (!OidIsValid(one.objid) || one.classid == NamespaceRelationId) continue;
      for (const pg::Dependency& dependent : pg::dependents_of(one))
        out.insert(defined_in(dependent.object));
    }
  }
}

}  // namespace strata::provenance
