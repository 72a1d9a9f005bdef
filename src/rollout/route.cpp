// Owns: the text of routed paths (see route.hpp).
#include "rollout/route.hpp"

#include "model/joined.hpp"
#include "pg/spi.hpp"

namespace strata::rollout {
namespace {

std::string path(std::vector<std::string> versions, const Route& route, const std::string& rest) {
  for (const Stop& stop : route)
    if (!stop.version.empty()) versions.push_back(pg::quote(stop.base));
  if (!rest.empty()) versions.push_back(rest);
  return model::joined(versions, ", ");
}

}  // namespace

std::string path_of(const Route& route, const std::string& rest) {
  std::vector<std::string> versions;
  for (const Stop& stop : route)
    if (!stop.version.empty()) versions.push_back(pg::quote(stop.schema));
  return path(versions, route, rest);
}

std::string path_of_all(const Route& route, const Gates& known, const std::string& rest,
                        std::set<std::string>& added) {
  std::vector<std::string> versions;
  Route bases = route;
  for (Stop& stop : bases) {
    if (!stop.version.empty()) versions.push_back(pg::quote(stop.schema));
    const KnownGate* const gate = known.find(stop.base);
    if (gate == nullptr) continue;
    stop.version = gate->gate.stable;
    for (const LiveVersion& live : gate->versions) {
      added.insert(live.schema);
      if (live.schema != stop.schema) versions.push_back(pg::quote(live.schema));
    }
  }
  return path(versions, bases, rest);
}

std::string shown(const Route& route) {
  std::vector<std::string> out;
  for (const Stop& stop : route)
    if (!stop.version.empty()) out.push_back(pg::quote(stop.base) + "=" + stop.version);
  return model::joined(out, ", ");
}

}  // namespace strata::rollout
