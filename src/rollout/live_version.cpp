// Owns: the question whether a version is live (see live_version.hpp).
#include "rollout/live_version.hpp"

#include "catalog/registry.hpp"
#include "pg/error.hpp"

namespace strata::rollout {

void require_live(const std::string& base, const std::string& version) {
  for (const auto& [id, live] : catalog::registry().versions())
    if (live.base == base && live.version == version) return;
  throw Error(sqlstate::kNotTracked,
              fmt::format("schema \"{}\" has no live version \"{}\"", base, version),
              "It was never published, or it is retired.",
              "SELECT base, version, state FROM strata.versions;");
}

}  // namespace strata::rollout
