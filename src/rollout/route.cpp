// Owns: the text of routed paths (see route.hpp).
#include "rollout/route.hpp"

#include "model/joined.hpp"
#include "pg/default_path.hpp"
#include "pg/spi.hpp"

namespace strata::rollout {
namespace {

std::string path(std::vector<std::string> parts, const Route& route, const Otherwise& otherwise) {
  for (const Stop& stop : route)
    if (!stop.version.empty()) parts.push_back(pg::quote(stop.base));
  if (!otherwise.rest().empty()) parts.push_back(otherwise.rest());
  return model::joined(parts, ", ");
}

std::vector<std::string> front_of(const Otherwise& otherwise) {
  if (otherwise.front().empty()) return {};
  return {otherwise.front()};
}

bool comes_first(const std::string& name) {
  return name == "pg_catalog" || name == "pg_temp";
}

}  // namespace

Otherwise::Otherwise(const std::string& path) : path_(path), rest_(path) {
  const auto names = pg::identifiers_in(path);
  if (!names) return;
  size_t first = 0;
  while (first < names->size() && comes_first((*names)[first]))
    first++;
  // SET search_path = '' makes it the list of one empty name.
  for (size_t i = first; i < names->size(); i++)
    if (!(*names)[i].empty()) names_.push_back((*names)[i]);
  if (first == 0) return;
  std::vector<std::string> front, rest;
  for (size_t i = 0; i < names->size(); i++)
    (i < first ? front : rest).push_back(pg::quote((*names)[i]));
  front_ = model::joined(front, ", ");
  rest_ = model::joined(rest, ", ");
}

std::string path_of(const Route& route, const Otherwise& otherwise) {
  std::vector<std::string> versions = front_of(otherwise);
  for (const Stop& stop : route)
    if (!stop.version.empty()) versions.push_back(pg::quote(stop.schema));
  return path(versions, route, otherwise);
}

std::string path_of_all(const Route& route, const Gates& known, const Otherwise& otherwise,
                        std::set<std::string>& added) {
  std::vector<std::string> versions = front_of(otherwise);
  Route bases = route;
  for (Stop& stop : bases) {
    if (!stop.version.empty()) versions.push_back(pg::quote(stop.schema));
    const KnownGate* const gate = known.find(stop.base);
    if (gate == nullptr) continue;
    stop.version = gate->gate.stable;
    for (const LiveVersion& live : gate->versions) {
      if (live.schema != stop.schema && otherwise.has(live.schema)) continue;
      added.insert(live.schema);
      if (live.schema != stop.schema) versions.push_back(pg::quote(live.schema));
    }
  }
  return path(versions, bases, otherwise);
}

std::string shown(const Route& route) {
  std::vector<std::string> out;
  for (const Stop& stop : route)
    if (!stop.version.empty()) out.push_back(pg::quote(stop.base) + "=" + stop.version);
  return model::joined(out, ", ");
}

}  // namespace strata::rollout
