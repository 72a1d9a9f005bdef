// Owns: from the names in a statement to the objects that have definitions (see named.hpp).
#include "provenance/named.hpp"

#include "ddl/object_named.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/table_list.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
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
    case OBJECT_CAST:
    case OBJECT_COLLATION:
    case OBJECT_CONVERSION:
    case OBJECT_FUNCTION:
    case OBJECT_OPCLASS:
    case OBJECT_OPERATOR:
    case OBJECT_OPFAMILY:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
    case OBJECT_SCHEMA:
    case OBJECT_STATISTIC_EXT:
    case OBJECT_TSCONFIGURATION:
    case OBJECT_TSDICTIONARY:
    case OBJECT_TSPARSER:
    case OBJECT_TSTEMPLATE:
      break;
    default:
      return;
  }
  const pg::Object object = ddl::object_named(type, name);
  if (OidIsValid(object.objid)) out.insert(defined_in(object));
}

// Making or dropping an operator changes those that it is the commutator or negator of.
void add_linked(List* definition, Objects& out) {
  const ListCell* cell;
  foreach (cell, definition) {
    auto* part = lfirst_node(DefElem, cell);
    if (strcmp(part->defname, "commutator") != 0 && strcmp(part->defname, "negator") != 0) continue;
    // By name only: the operator's own types may not be there yet.
    for (FuncCandidateList at =
             pg::call([&] { return OpernameGetCandidates(defGetQualifiedName(part), 'b', true); });
         at != nullptr; at = at->next)
      out.insert({OperatorRelationId, at->oid, 0});
  }
}

void add_links_of(Objects& out) {
  for (const pg::Object& object : Objects(out)) {
    if (object.classid != OperatorRelationId) continue;
    out.insert({OperatorRelationId, pg::call([&] { return get_commutator(object.objid); }), 0});
    out.insert({OperatorRelationId, pg::call([&] { return get_negator(object.objid); }), 0});
  }
  std::erase_if(out, [](const pg::Object& object) { return !OidIsValid(object.objid); });
}

template <class Of>
Node* node(Of* of) {
  return reinterpret_cast<Node*>(of);
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

void add_of_role(Oid role, Objects& out) {
  if (!OidIsValid(role)) return;
  for (const pg::Object& object : pg::saying_role(role))
    out.insert(defined_in(object));
}

void add_of_roles(List* roles, Objects& out) {
  const ListCell* cell;
  foreach (cell, roles)
    add_of_role(pg::call([&] { return get_rolespec_oid(lfirst_node(RoleSpec, cell), true); }), out);
}

void add_in_tablespace(const char* name, Objects& out) {
  const Oid tablespace = pg::call([&] { return get_tablespace_oid(name, true); });
  if (!OidIsValid(tablespace)) return;
  for (const Oid relation : pg::relations_in_tablespace(tablespace))
    out.insert(defined_in({RelationRelationId, relation, 0}));
}

// What says the old name in its definition.
void add_renamed(RenameStmt* stmt, Objects& out) {
  switch (stmt->renameType) {
    case OBJECT_SCHEMA:
      add_schema(stmt->subname, out);
      return add_all_in(pg::schema_oid(stmt->subname), out);
    case OBJECT_ROLE:
      return add_of_role(pg::call([&] { return get_role_oid(stmt->subname, true); }), out);
    case OBJECT_TABLESPACE:
      return add_in_tablespace(stmt->subname, out);
    default:
      if (stmt->object != nullptr) add_object(stmt->renameType, stmt->object, out);
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

// A default or a constraint goes with the table that it is of (StoreAttrDefault in
// catalog/pg_attrdef.c, CreateConstraintEntry in catalog/pg_constraint.c), and with no other one.
bool is_part_of(const pg::Object& object, const pg::Dependency& dependent) {
  return object.classid == RelationRelationId && dependent.type == DEPENDENCY_AUTO &&
         (dependent.object.classid == AttrDefaultRelationId ||
          dependent.object.classid == ConstraintRelationId);
}

}  // namespace

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
    case T_RenameStmt:
      return add_renamed(castNode(RenameStmt, tree), out);
    case T_AlterExtensionContentsStmt: {
      auto* stmt = castNode(AlterExtensionContentsStmt, tree);
      const pg::Object object =
          ddl::object_named(static_cast<ObjectType>(stmt->objtype), stmt->object);
      if (OidIsValid(object.objid)) out.insert(defined_in(object));
      return;
    }
    case T_AlterObjectSchemaStmt: {
      auto* stmt = castNode(AlterObjectSchemaStmt, tree);
      if (stmt->object != nullptr) add_object(stmt->objectType, stmt->object, out);
      if (stmt->objectType == OBJECT_OPERATOR) add_links_of(out);
      return;
    }
    case T_AlterOwnerStmt: {
      auto* stmt = castNode(AlterOwnerStmt, tree);
      if (stmt->object != nullptr) add_object(stmt->objectType, stmt->object, out);
      return;
    }
    case T_AlterCollationStmt:
      return add_object(OBJECT_COLLATION, node(castNode(AlterCollationStmt, tree)->collname), out);
    case T_AlterOperatorStmt:
      add_linked(castNode(AlterOperatorStmt, tree)->options, out);
      return add_object(OBJECT_OPERATOR, node(castNode(AlterOperatorStmt, tree)->opername), out);
    case T_AlterOpFamilyStmt: {
      auto* stmt = castNode(AlterOpFamilyStmt, tree);
      // DROP names it so, with the method first.
      List* name =
          pg::call([&] { return lcons(makeString(stmt->amname), list_copy(stmt->opfamilyname)); });
      return add_object(OBJECT_OPFAMILY, node(name), out);
    }
    case T_AlterTSConfigurationStmt:
      return add_object(OBJECT_TSCONFIGURATION,
                        node(castNode(AlterTSConfigurationStmt, tree)->cfgname), out);
    case T_AlterTSDictionaryStmt:
      return add_object(OBJECT_TSDICTIONARY, node(castNode(AlterTSDictionaryStmt, tree)->dictname),
                        out);
    case T_CreateCastStmt:
      add_type(castNode(CreateCastStmt, tree)->sourcetype->names, out);
      return add_type(castNode(CreateCastStmt, tree)->targettype->names, out);
    case T_DefineStmt:
      if (castNode(DefineStmt, tree)->kind == OBJECT_OPERATOR)
        add_linked(castNode(DefineStmt, tree)->definition, out);
      return;
    case T_DropStmt:
      // What is dropped is in the facts.
      return add_links_of(out);
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
  if (!IsA(tree, RenameStmt)) return IsA(tree, AlterObjectSchemaStmt);
  // These are named themselves by all that has their name.
  const ObjectType type = reinterpret_cast<const RenameStmt*>(tree)->renameType;
  return type != OBJECT_ROLE && type != OBJECT_TABLESPACE;
}

void add_mentioning(const Objects& objects, Objects& out) {
  for (const pg::Object& object : objects) {
    std::vector<pg::Object> named = types_of(object);
    if (std::find(named.begin(), named.end(), object) == named.end()) named.push_back(object);
    for (const pg::Object& one : named) {
      if (!OidIsValid(one.objid) || one.classid == NamespaceRelationId) continue;
      for (const pg::Dependency& dependent : pg::dependents_of(one))
        if (!is_part_of(one, dependent)) out.insert(defined_in(dependent.object));
    }
  }
}

}  // namespace strata::provenance
