// Owns: facts about who may do what: GRANT, roles, owners.
#include "ddl/facts_parts.hpp"
#include "ddl/options.hpp"
#include "model/guard_setting.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "utils/acl.h"
}

namespace strata::ddl {
namespace {

bool is_new_schema(const FactsBuilder& out, Node* name) {
  return out.foreseen() != nullptr && IsA(name, String) &&
         out.foreseen()->makes_schema(strVal(name));
}

void grant(FactsBuilder& out, GrantStmt* stmt) {
  bool all_new = stmt->objects != NIL;
  ListCell* cell;
  foreach (cell, stmt->objects) {
    auto* object = static_cast<Node*>(lfirst(cell));
    if (IsA(object, RangeVar))
      out.add_named(castNode(RangeVar, object), lock_of(STRATA_LOCK_OF_GRANT));
    else
      all_new = all_new && is_new_schema(out, object);
    if (stmt->objtype == OBJECT_PARAMETER_ACL && model::switches_guards(strVal(object)))
      out.facts.control_plane = true;
    const bool schemas = stmt->targtype == ACL_TARGET_ALL_IN_SCHEMA;
    out.in_schema_of(schemas ? OBJECT_SCHEMA : stmt->objtype, object);
  }
  const bool on_relations = stmt->objtype == OBJECT_TABLE || stmt->objtype == OBJECT_SEQUENCE;
  if (all_new && !(on_relations && stmt->targtype == ACL_TARGET_OBJECT)) return;
  if (stmt->is_grant)
    out.facts.exposure = true;
  else
    out.facts.breaks_readers = out.facts.breaks_writers = true;
  if (stmt->objtype == OBJECT_DATABASE || stmt->objtype == OBJECT_TABLESPACE ||
      stmt->objtype == OBJECT_PARAMETER_ACL || stmt->objtype == OBJECT_LANGUAGE)
    out.facts.privilege = true;
}

void reassign(FactsBuilder& out, ReassignOwnedStmt* stmt) {
  out.facts.privilege = true;
  out.facts.breaks_readers = out.facts.breaks_writers = true;
  out.partly_reversible();
  ListCell* cell;
  foreach (cell, stmt->roles) {
    auto* role = lfirst_node(RoleSpec, cell);
    const Oid oid = pg::call([&] { return get_rolespec_oid(role, true); });
    if (!OidIsValid(oid)) continue;
    for (const pg::Object& object : pg::owned_by(oid)) {
      if (object.classid != RelationRelationId) continue;
      out.add(object.objid, Lock::AccessExclusive);
      out.add_indexes(object.objid, Lock::AccessExclusive);
    }
  }
}

void about_roles(FactsBuilder& out, List* roles) {
  ListCell* cell;
  foreach (cell, roles)
    if (const char* name = lfirst_node(RoleSpec, cell)->rolename; name != nullptr)
      out.about(pg::quote(name));
}

// Of what is no relation: those are AlterTableStmt.
void change_owner(FactsBuilder& out, AlterOwnerStmt* stmt) {
  out.facts.privilege = true;
  out.facts.breaks_readers = out.facts.breaks_writers = true;
  out.in_schema_of(stmt->objectType, stmt->object);
  if (stmt->objectType == OBJECT_EVENT_TRIGGER) out.facts.control_plane = true;
}

}  // namespace

bool privilege_facts(FactsBuilder& out, Node* tree) {
  switch (nodeTag(tree)) {
    case T_GrantStmt:
      grant(out, castNode(GrantStmt, tree));
      return true;
    case T_AlterDefaultPrivilegesStmt:
      if (const DefElem* schemas =
              option_named(castNode(AlterDefaultPrivilegesStmt, tree)->options, "schemas")) {
        ListCell* cell;
        foreach (cell, castNode(List, schemas->arg))
          out.in_schema_of(OBJECT_SCHEMA, static_cast<Node*>(lfirst(cell)));
      } else {
        for (const catalog::BaseSchema& base : out.registry().bases())
          out.in_schema(base.oid);
      }
      if (castNode(AlterDefaultPrivilegesStmt, tree)->action->is_grant) out.facts.exposure = true;
      return true;
    case T_GrantRoleStmt:
      about_roles(out, castNode(GrantRoleStmt, tree)->grantee_roles);
      out.facts.privilege = true;
      return true;
    case T_CreateRoleStmt:
      out.about(pg::quote(castNode(CreateRoleStmt, tree)->role));
      out.facts.privilege = true;
      return true;
    case T_AlterRoleStmt:
      out.facts.privilege = true;
      return true;
    case T_DropRoleStmt:
      about_roles(out, castNode(DropRoleStmt, tree)->roles);
      out.facts.privilege = true;
      out.partly_reversible();
      return true;
    case T_AlterOwnerStmt:
      change_owner(out, castNode(AlterOwnerStmt, tree));
      return true;
    case T_ReassignOwnedStmt:
      reassign(out, castNode(ReassignOwnedStmt, tree));
      return true;
    default:
      return false;
  }
}

}  // namespace strata::ddl
