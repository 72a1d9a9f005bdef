// The connection that our SQL on our own tables is run by: as the extension's owner, whoever the
// caller is, and with a search_path that no caller has chosen.
//
// Scope: as pg/session.hpp and pg/spi.hpp, which it is made of.
#pragma once

#include "pg/session.hpp"
#include "pg/spi.hpp"

namespace strata::pg {

struct AsOwner {
  ActAs owner{extension_owner()};
  PinnedSearchPath path;
};

// Rights and path end after the connection, as it must be: bases go in the order they are named.
class OwnerSpi : private AsOwner, public Spi {};

}  // namespace strata::pg
