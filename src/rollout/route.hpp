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

// What the path is without a route. Who puts the server's own names or temporary ones first does so
// that nobody else's come before them: they stay in front.
class Otherwise {
 public:
  explicit Otherwise(const std::string& path);

  // Returns false when it has no schemas but those: then everything is meant to be named in full.
  bool may_be_routed() const { return !names_.empty(); }

  bool has(const std::string& schema) const {
    return std::find(names_.begin(), names_.end(), schema) != names_.end();
  }
  const std::string& path() const { return path_; }
  const std::string& front() const { return front_; }
  const std::string& rest() const { return rest_; }

 private:
  std::string path_;
  std::string front_;
  std::string rest_;
  std::vector<std::string> names_;  // of the rest
};

// Returns the search_path of a route: its versions, their bases, and what the path is otherwise.
std::string path_of(const Route& route, const Otherwise& otherwise);

// The same with the schemas of all versions in `known` behind those that are served, for a session
// that has yet to find out which of them it is. All that are added are put into `added`;
// those that the path has anyway stay where they are.
std::string path_of_all(const Route& route, const Gates& known, const Otherwise& otherwise,
                        std::set<std::string>& added);

// Returns the route as pg_strata.serving shows it: shop=v2, billing=v1.
std::string shown(const Route& route);

}  // namespace strata::rollout
