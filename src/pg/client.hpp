// Who is at the other end of this session, as far as it is known without catalogs.
#pragma once

#include "pg/prelude.hpp"

namespace strata::pg {

struct Client {
  Oid session_role;
  NameData session_role_name;  // empty in processes without a session user
  NameData application_name;
  char address[48];  // numeric; empty for a Unix socket or no client
};

// Returns the facts of this session. Looks at no catalogs and raises nothing, so that it may be
// asked after an error.
Client client() noexcept;

// Returns who the client showed to be when it connected, as SYSTEM_USER says it: the method, a
// colon, and the name there; 15 keeps the name alone. Null where nobody asked: method trust, or no
// client.
const char* authenticated_as() noexcept;

}  // namespace strata::pg
