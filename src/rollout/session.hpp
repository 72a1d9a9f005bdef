// What a routed session knows of its route.
//
// Scope: backend. Made at the end of the session's first transaction, in which the server applies
// its settings, and never freed. Called by the hooks in routing.cpp.
#pragma once

#include "rollout/route.hpp"

namespace strata::rollout {

class Session {
 public:
  explicit Session(const std::string& unit);

  // The route is another one: `route`, which may not be in the setting yet. Raises nothing.
  void route_changed(const char* route) noexcept;

  // Reads the route if it is another one, unless this transaction goes on with what it has used.
  // Raises what reading catalogs raises.
  void follow_route(bool at_end);

  // The unit is another one. Raises nothing.
  void unit_changed(const char* unit) noexcept;

  // Gates, versions or schemas have changed. Raises nothing.
  void gates_changed() noexcept;

  // Returns false when names must not be looked for in that schema.
  bool searches(Oid schema);

  // Returns true when settle() has something to do.
  bool is_open() const noexcept { return open_; }

  // Puts the choice that names were resolved by into the setting, or makes it now. Raises what
  // reading catalogs raises.
  void settle();

  // From here on this transaction keeps its choice.
  void use() noexcept { used_ = true; }

  // The transaction has ended. Raises nothing.
  void ended() noexcept;

 private:
  Route decide();
  // Where the gates lead from here.
  enum class Way {
    kSame,     // to where the session is
    kOther,    // maybe elsewhere
    kUnknown,  // only catalogs can tell
  };
  Way way() const;
  void warn(const std::string& base, const std::string& detail, const std::string& hint);
  void apply(const Route& route);
  void open_up();
  void decide_open();
  bool is_routed() const { return !bases_.empty(); }

  std::vector<std::string> bases_;  // of pg_strata.route
  Otherwise otherwise_;             // search_path without a route
  std::string unit_;
  std::string application_;  // application_name at the last choice

  // A route and its texts. The one before is kept for transactions that go elsewhere and back.
  struct Applied {
    Route route;
    std::string path;
    std::string serving;
  };
  Applied now_;
  Applied before_;

  // While all versions are in the path, because gates changed where catalogs could not be read. The
  // first look at the path in a transaction decides, and leaves out what is not chosen.
  bool open_ = false;
  std::string open_path_;
  std::set<std::string> open_schemas_;
  bool decided_ = false;
  Route next_;
  std::set<Oid> left_out_;
  bool deciding_ = false;

  bool used_ = false;     // by the transaction
  bool again_ = false;    // choose when it ends
  bool renamed_ = false;  // application_name was another one at the last choice but one
  bool reroute_ = false;
  std::set<std::string> warned_;
};

}  // namespace strata::rollout
