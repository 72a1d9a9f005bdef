// Owns: writing strata.settled (see settled.hpp).
#include "catalog/settled.hpp"

#include "pg/owner_spi.hpp"

namespace strata::catalog {

void settle() {
  pg::OwnerSpi spi;
  spi.run("INSERT INTO strata.settled SELECT WHERE NOT EXISTS (SELECT FROM strata.settled)");
}

}  // namespace strata::catalog
