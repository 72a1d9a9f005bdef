// Owns: the checks of a caller's rights on windows and freezes (see window_rights.hpp).
#include "guard/window_rights.hpp"

#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "version/rights.hpp"
#include "version/version_lock.hpp"

namespace strata::guard {
namespace {

void require_superuser(std::string_view what) {
  if (!superuser())
    throw Error(ERRCODE_INSUFFICIENT_PRIVILEGE,
                fmt::format("must be superuser to {} of every base schema", what),
                "Without a base it counts for every tracked schema of the database.",
                "Name a schema you own: base => 'schema'.");
}

}  // namespace

std::optional<std::string> require_control(Oid base, std::string_view what) {
  if (!OidIsValid(base)) {
    require_superuser(what);
    return std::nullopt;
  }
  version::require_owner_of(base);
  const version::VersionLock lock(base);
  return version::require_tracked(base).name;
}

void drop_row(std::string_view table, std::string_view what, const std::string& name) {
  const pg::PinnedSearchPath path;
  pg::Spi spi;
  const auto found = spi.query(fmt::format("SELECT base FROM strata.{} WHERE name = $1", table),
                               {pg::SqlArg::text(name)});
  if (found.empty())
    throw Error(ERRCODE_UNDEFINED_OBJECT, fmt::format("{} \"{}\" does not exist", what, name), "",
                fmt::format("SELECT name FROM strata.{}s;", what));
  const std::optional<std::string> base = found[0][0];
  const Oid schema = base ? pg::schema_oid(*base) : InvalidOid;
  if (OidIsValid(schema))
    version::require_owner_of(schema);
  else
    require_superuser(fmt::format("drop a {}", what));
  const pg::ActAs owner(pg::extension_owner());
  // Of that base only: meanwhile somebody else may have made another of the name.
  spi.run(
      fmt::format("DELETE FROM strata.{} WHERE name = $1 AND base IS NOT DISTINCT FROM $2", table),
      {pg::SqlArg::text(name), pg::SqlArg::name_or_null(base)});
}

}  // namespace strata::guard
