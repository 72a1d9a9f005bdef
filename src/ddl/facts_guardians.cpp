// Owns: which statements about roles change who may approve or break the glass.
//
// Membership counts however it was given, and by the name of the role, so giving it away, giving
// away a role that has it, entering as such a role and renaming one all make a guardian.
#include "ddl/facts_parts.hpp"
#include "ddl/options.hpp"
#include "pg/names.hpp"

extern "C" {
#include "catalog/pg_auth_members.h"
#include "utils/acl.h"
#include "utils/catcache.h"
#include "utils/syscache.h"
}

namespace strata::ddl {
namespace {

constexpr const char* kGuardians[] = {"strata_approver", "strata_breakglass"};

bool is_guardian_name(const char* name) {
  if (name == nullptr) return false;
  return std::any_of(std::begin(kGuardians), std::end(kGuardians),
                     [&](const char* guardian) { return strcmp(guardian, name) == 0; });
}

int members_of(Oid role) {
  return pg::call([&] {
    CatCList* members = SearchSysCacheList1(AUTHMEMROLEMEM, ObjectIdGetDatum(role));
    const int count = members->n_members;
    ReleaseSysCacheList(members);
    return count;
  });
}

// Returns true for the two roles themselves, and for their members.
bool is_guardian(Oid role) {
  if (!OidIsValid(role)) return false;
  return pg::call([&] {
    for (const char* name : kGuardians) {
      const Oid guardians = get_role_oid(name, true);
      if (OidIsValid(guardians) && is_member_of_role_nosuper(role, guardians)) return true;
    }
    return false;
  });
}

Oid role_named(const char* name) {
  return name == nullptr ? InvalidOid : pg::call([&] { return get_role_oid(name, true); });
}

Oid role_of(const RoleSpec* role) {
  return role == nullptr ? InvalidOid : pg::call([&] { return get_rolespec_oid(role, true); });
}

// The first members have to come from somewhere: as many approvers as the highest risk asks for,
// and one who can break the glass.
bool grants_guardian(Oid role) {
  if (!is_guardian(role)) return false;
  const std::string name = pg::role_name(role);
  if (!is_guardian_name(name.c_str())) return true;
  return members_of(role) >= (name == kGuardians[0] ? 2 : 1);
}

bool grants_guardian(List* roles) {
  ListCell* cell;
  foreach (cell, roles) {
    const auto* role = static_cast<Node*>(lfirst(cell));
    const Oid oid = IsA(role, AccessPriv)
                        ? role_named(castNode(AccessPriv, lfirst(cell))->priv_name)
                        : role_of(castNode(RoleSpec, lfirst(cell)));
    if (grants_guardian(oid)) return true;
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
  if (option_named(stmt->options, "rolemembers") != nullptr)
    return stmt->action > 0 && grants_guardian(role);
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
      return stmt->is_grant && grants_guardian(stmt->granted_roles);
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
    case T_DropRoleStmt: {
      ListCell* cell;
      foreach (cell, castNode(DropRoleStmt, tree)->roles)
        if (is_guardian_name(lfirst_node(RoleSpec, cell)->rolename)) return true;
      return false;
    }
    default:
      return false;
  }
}

}  // namespace strata::ddl
