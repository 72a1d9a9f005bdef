// Time zones of the server, for the model's evaluator of windows.
//
// Scope: the server keeps a zone it has loaded for as long as the backend lives; so a ServerZone is
// never stale.
#pragma once

#include "model/window.hpp"
#include "pg/guard.hpp"

struct pg_tz;

namespace strata::pg {

class ServerZone : public model::ZoneRules {
 public:
  explicit ServerZone(pg_tz* zone) : zone_(zone) {}
  Stretch stretch_at(model::Instant at) const override;

 private:
  pg_tz* zone_;
};

// Returns the zone the server has under this name; nothing when it has none. It also knows what
// POSIX writes
// ("CET-1CEST"): whoever wants names of the database only asks pg_timezone_names first.
std::optional<ServerZone> zone_named(const std::string& name);

}  // namespace strata::pg
