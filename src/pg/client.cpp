// Owns: reading the facts of the session (see client.hpp).
#include "pg/client.hpp"

#include <netdb.h>
#include <sys/socket.h>

extern "C" {
#include "common/ip.h"
#include "utils/backend_status.h"
#include "utils/guc.h"
}

namespace strata::pg {
namespace {

// As pg_stat_activity does: no address for a Unix socket, and without the zone of a link-local one.
void read_address(Client& client) {
  if (MyBEEntry == nullptr) return;
  const SockAddr remote = MyBEEntry->st_clientaddr;
  if (remote.addr.ss_family != AF_INET && remote.addr.ss_family != AF_INET6) return;
  if (pg_getnameinfo_all(&remote.addr, static_cast<int>(remote.salen), client.address,
                         sizeof(client.address), nullptr, 0, NI_NUMERICHOST) != 0)
    client.address[0] = '\0';
  if (char* zone = strchr(client.address, '%')) *zone = '\0';
}

}  // namespace

Client client() noexcept {
  Client client{};
  client.session_role = GetSessionUserId();
  // The setting's text is the name; asking the catalogs for it is not possible now.
  const char* name = GetConfigOption("session_authorization", true, false);
  if (name != nullptr) strlcpy(client.session_role_name.data, name, NAMEDATALEN);
  if (application_name != nullptr)
    strlcpy(client.application_name.data, application_name, NAMEDATALEN);
  read_address(client);
  return client;
}

const char* authenticated_as() noexcept {
  return STRATA_SYSTEM_USER();
}

}  // namespace strata::pg
