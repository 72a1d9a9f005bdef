// Who may approve and break the glass, and when giving or taking that changes who guards.
//
// Membership counts however it was given, and by the name of the role.
#pragma once

#include "pg/guard.hpp"

namespace strata::ddl {

constexpr const char* kGuardians[] = {"strata_approver", "strata_breakglass"};

// Returns true for the names of the two roles.
bool is_guardian_name(const char* name);

// Returns true for the two roles themselves, and for their members.
bool is_guardian(Oid role);

// Returns true when whoever is given the role becomes one, and is not among the first.
bool giving_makes_guardian(Oid role);

// Returns true when the role of that name would be left with so few members that places in it could
// be given freely, as to the first. Who is a member by way of others stays one.
bool taking_frees_place(const char* guardian, const std::set<Oid>& from);

}  // namespace strata::ddl
