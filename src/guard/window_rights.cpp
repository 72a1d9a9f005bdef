// Owns: the checks of a caller's rights on windows and freezes (see window_rights.hpp).
#include "guard/window_rights.hpp"

#include "guard/rights.hpp"
#include "pg/owner_spi.hpp"
#include "version/rights.hpp"
#include "version/version_lock.hpp"

namespace strata::guard {

std::optional<std::string> require_control(Oid base, const char* what) {
  if (OidIsValid(base)) return require_control_of(base, what);
  require_administrator(what);
  return std::nullopt;
}

std::string require_control_of(Oid base, const char* what) {
  require_administrator(what);
  const version::VersionLock lock(base);
  return version::require_tracked(base).name;
}

void drop_row(const std::string& table, const std::string& what, const std::string& name) {
  require_administrator(fmt::format("drop a {}", what).c_str());
  pg::OwnerSpi spi;
  if (spi.run(fmt::format("DELETE FROM strata.{} WHERE name = $1", table),
              {pg::SqlArg::text(name)}) == 0)
    throw Error(ERRCODE_UNDEFINED_OBJECT, fmt::format("{} \"{}\" does not exist", what, name), "",
                fmt::format("SELECT name FROM strata.{}s;", what));
}

}  // namespace strata::guard
