// Owns: writing strata.settled (see settled.hpp).
#include "catalog/settled.hpp"

#include "pg/session.hpp"
#include "pg/spi.hpp"

namespace strata::catalog {

void settle() {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  pg::Spi spi;
  spi.run("INSERT INTO strata.settled SELECT WHERE NOT EXISTS (SELECT FROM strata.settled)");
}

}  // namespace strata::catalog
