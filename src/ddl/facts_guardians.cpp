// Owns: which statements about roles change who may approve or break the glass.
//
// Membership counts however it was given, and by the name of the role, so giving it away, giving
// away a role that has it, entering as such a role and renaming one all make a guardian. So does
// taking it from so many that the next are the first again.
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

std::vector<Oid> members_of(Oid role) {
  struct Found {
    Oid* roles;
    int count;
  };
  const Found found = pg::call([&] {
    CatCList* list = SearchSysCacheList1(AUTHMEMROLEMEM, ObjectIdGetDatum(role));
    Found out{static_cast<Oid*>(palloc(sizeof(Oid) * (list->n_members + 1))), list->n_members};
    for (int i = 0; i < out.count; i++)
      out.roles[i] =
          reinterpret_cast<Form_pg_auth_members>(GETSTRUCT(&list->members[i]->tuple))->member;
    ReleaseSysCacheList(list);
    return out;
  });
  return {found.roles, found.roles + found.count};
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
int first_members(const std::string& guardian) {
  return guardian == kGuardians[0] ? 2 : 1;
}

bool grants_guardian(Oid role) {
  if (!is_guardian(role)) return false;
  const std::string name = pg::role_name(role);
  if (!is_guardian_name(name.c_str())) return true;
  return static_cast<int>(members_of(role).size()) >= first_members(name);
}

// Returns how many of the roles are members, and not by way of others.
int direct_members(Oid guardian, List* roles) {
  std::set<Oid> named;
  ListCell* cell;
  foreach (cell, roles)
    named.insert(role_of(lfirst_node(RoleSpec, cell)));
  const std::vector<Oid> members = members_of(guardian);
  return static_cast<int>(std::count_if(members.begin(), members.end(),
                                        [&](Oid member) { return named.count(member) != 0; }));
}

// Returns true when so few would be left that places could be granted freely.
bool takes_from_guardian(const char* guardian, List* roles) {
  if (!is_guardian_name(guardian)) return false;
  const Oid role = role_named(guardian);
  if (!OidIsValid(role)) return false;
  const int members = static_cast<int>(members_of(role).size());
  const int first = first_members(guardian);
  return members >= first && members - direct_members(role, roles) < first;
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
  if (const DefElem* members = option_named(stmt->options, "rolemembers"))
    return stmt->action > 0
               ? grants_guardian(role)
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
