// Owns: the checks of the caller's rights in the guard's SQL functions (see rights.hpp).
#include "guard/rights.hpp"

#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "version/rights.hpp"

extern "C" {
#include "utils/acl.h"
}

namespace strata::guard {

void require_administrator(const char* what) {
  if (pg::acts_for(pg::extension_owner())) return;
  throw Error(ERRCODE_INSUFFICIENT_PRIVILEGE, fmt::format("permission denied to {}", what),
              "The guard is set up by superusers and by the role that owns the extension, so that "
              "owners of base schemas do not decide alone.",
              "Ask a superuser.");
}

bool session_is_member(const char* role) {
  return pg::call([&] {
    const Oid oid = get_role_oid(role, true);
    return OidIsValid(oid) && is_member_of_role_nosuper(GetSessionUserId(), oid);
  });
}

void require_member(const char* role, const char* what) {
  if (session_is_member(role)) return;
  const std::string session = session_role_name();
  throw Error(ERRCODE_INSUFFICIENT_PRIVILEGE,
              fmt::format("must be a member of {} to {}", role, what),
              fmt::format("The session's user is \"{}\"; SET ROLE does not change that.", session),
              fmt::format("Ask somebody who is, or: GRANT {} TO {};", role, pg::quote(session)));
}

Oid session_role() {
  return GetSessionUserId();
}

std::string session_role_name() {
  return pg::role_name(GetSessionUserId());
}

std::optional<std::string> base_or_everywhere(bool is_null, Oid base) {
  if (is_null) return std::nullopt;
  return version::require_tracked(base).name;
}

}  // namespace strata::guard
