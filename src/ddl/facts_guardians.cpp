// Owns: which statements about roles change who may approve or break the glass.
//
// Giving membership away, giving away a role that has it, entering as such a role and renaming one
// all make a guardian. So does taking it from so many that the next are the first again.
#include "ddl/facts_parts.hpp"
#include "ddl/guardians.hpp"
#include "ddl/options.hpp"

extern "C" {
#include "utils/acl.h"
}

namespace strata::ddl {
namespace {

Oid role_named(const char* name) {
  return name == nullptr ? InvalidOid : pg::call([&] { return get_role_oid(name, true); });
}

Oid role_of(const RoleSpec* role) {
  return role == nullptr ? InvalidOid : pg::call([&] { return get_rolespec_oid(role, true); });
}

bool takes_from_guardian(const char* guardian, List* roles) {
  std::set<Oid> named;
  ListCell* cell;
  foreach (cell, roles)
    named.insert(role_of(lfirst_node(RoleSpec, cell)));
  return taking_frees_place(guardian, named);
}

bool takes_from_guardians(List* granted, List* members) {
  ListCell* cell;
  foreach (cell, granted)
    if (takes_from_guardian(lfirst_node(AccessPriv, cell)->priv_name, members)) return true;
  return false;
}

// A role that goes is no member any more.
bool drops_guardian(List* roles) {
  for (const char* guardian : kGuardians)
    if (takes_from_guardian(guardian, roles)) return true;
  ListCell* cell;
  foreach (cell, roles)
    if (is_guardian_name(lfirst_node(RoleSpec, cell)->rolename)) return true;
  return false;
}

bool grants_guardian(List* roles) {
  ListCell* cell;
  foreach (cell, roles) {
    const auto* role = static_cast<Node*>(lfirst(cell));
    const Oid oid = IsA(role, AccessPriv)
                        ? role_named(castNode(AccessPriv, lfirst(cell))->priv_name)
                        : role_of(castNode(RoleSpec, lfirst(cell)));
    if (giving_makes_guardian(oid)) return true;
  }
  return false;
}

bool makes_guardian(CreateRoleStmt* stmt) {
  const DefElem* into = option_named(stmt->options, "addroleto");
  return into != nullptr && grants_guardian(castNode(List, into->arg));
}

// Whoever sets a password or LOGIN can enter as the role. One's own is one's own.
bool opens_guardian(AlterRoleStmt* stmt) {
  const Oid role = role_of(stmt->role);
  if (const DefElem* members = option_named(stmt->options, "rolemembers"))
    return stmt->action > 0
               ? giving_makes_guardian(role)
               : takes_from_guardian(stmt->role->rolename, castNode(List, members->arg));
  if (stmt->role != nullptr && is_guardian_name(stmt->role->rolename)) return true;
  const bool opens =
      option_named(stmt->options, "password") != nullptr || option_is_on(stmt->options, "canlogin");
  return opens && role != GetSessionUserId() && is_guardian(role);
}

}  // namespace

bool changes_guardians(Node* tree) {
  switch (nodeTag(tree)) {
    case T_GrantRoleStmt: {
      auto* stmt = castNode(GrantRoleStmt, tree);
      return stmt->is_grant ? grants_guardian(stmt->granted_roles)
                            : takes_from_guardians(stmt->granted_roles, stmt->grantee_roles);
    }
    case T_CreateRoleStmt:
      return makes_guardian(castNode(CreateRoleStmt, tree));
    case T_AlterRoleStmt:
      return opens_guardian(castNode(AlterRoleStmt, tree));
    case T_RenameStmt: {
      auto* stmt = castNode(RenameStmt, tree);
      return stmt->renameType == OBJECT_ROLE &&
             (is_guardian_name(stmt->subname) || is_guardian_name(stmt->newname));
    }
    case T_DropRoleStmt:
      return drops_guardian(castNode(DropRoleStmt, tree)->roles);
    default:
      return false;
  }
}

}  // namespace strata::ddl
