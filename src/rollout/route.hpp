// The versions that a session is sent to, and the path that makes it so.
//
// Scope: one choice; a value.
#pragma once

#include "rollout/gates.hpp"

namespace strata::rollout {

// One base of pg_strata.route.
struct Stop {
  std::string base;
  std::string version;  // empty: none; then the base is not put into the path either
  std::string schema;
  bool operator==(const Stop& other) const = default;
};

using Route = std::vector<Stop>;

// Returns the search_path of a route: its versions, their bases, and what the path is otherwise.
std::string path_of(const Route& route, const std::string& rest);

// The same with the schemas of all versions in `known` behind those that are served, for a session
// that has yet to find out which of them it is. All that are added are put into `added`.
std::string path_of_all(const Route& route, const Gates& known, const std::string& rest,
                        std::set<std::string>& added);

// Returns the route as pg_strata.serving shows it: shop=v2, billing=v1.
std::string shown(const Route& route);

}  // namespace strata::rollout
