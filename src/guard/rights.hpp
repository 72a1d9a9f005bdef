// Who may set up the guard, and who may speak for it.
//
// Approving and breaking the glass are said by people, so what counts is the session's user: SET
// ROLE and SECURITY DEFINER functions change whose rights a statement has, not who is there. A
// superuser counts only when made a member.
#pragma once

#include "pg/guard.hpp"

namespace strata::guard {

constexpr const char* kApprover = "strata_approver";
constexpr const char* kBreakglass = "strata_breakglass";

// Raises 42501 unless the current user has the rights of the role that owns the extension:
// policies, rules and windows are what keeps owners of base schemas from deciding alone.
void require_administrator(const char* what);

// Returns true when the session's user is a member of the role, directly or through others.
bool session_is_member(const char* role);

// Raises 42501 unless it is; `what` completes "must be a member of ... to".
void require_member(const char* role, const char* what);

// Returns the session's user, and its name.
Oid session_role();
std::string session_role_name();

// Returns nullopt for NULL, which means everywhere; raises ST010 for a schema that is not tracked.
std::optional<std::string> base_or_everywhere(bool is_null, Oid base);

}  // namespace strata::guard
