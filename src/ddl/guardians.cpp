// Owns: what the catalogs say of guardians (see guardians.hpp).
#include "ddl/guardians.hpp"

#include "pg/names.hpp"

extern "C" {
#include "catalog/pg_auth_members.h"
#include "utils/acl.h"
#include "utils/catcache.h"
#include "utils/syscache.h"
}

namespace strata::ddl {
namespace {

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

// The first members have to come from somewhere: as many approvers as the highest risk asks for,
// and one who can break the glass.
int first_members(const std::string& guardian) {
  return guardian == kGuardians[0] ? 2 : 1;
}

}  // namespace

bool is_guardian_name(const char* name) {
  if (name == nullptr) return false;
  return std::any_of(std::begin(kGuardians), std::end(kGuardians),
                     [&](const char* guardian) { return strcmp(guardian, name) == 0; });
}

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

bool giving_makes_guardian(Oid role) {
  if (!is_guardian(role)) return false;
  const std::string name = pg::role_name(role);
  if (!is_guardian_name(name.c_str())) return true;
  return static_cast<int>(members_of(role).size()) >= first_members(name);
}

bool taking_frees_place(const char* guardian, const std::set<Oid>& from) {
  if (!is_guardian_name(guardian)) return false;
  const Oid role = pg::call([&] { return get_role_oid(guardian, true); });
  if (!OidIsValid(role)) return false;
  const std::vector<Oid> members = members_of(role);
  const auto taken = std::count_if(members.begin(), members.end(),
                                   [&](Oid member) { return from.count(member) != 0; });
  const int count = static_cast<int>(members.size());
  const int first = first_members(guardian);
  return count >= first && count - static_cast<int>(taken) < first;
}

}  // namespace strata::ddl
