// The deprecated versions, as this session knows them, and which of them are served at a time.
//
// Scope: backend. Read anew after a change of strata.published_version or strata.brownout.
#pragma once

#include "model/window.hpp"
#include "pg/prelude.hpp"

namespace strata::sunset {

enum class Served {
  kYes,
  kBrownout,  // refused for a while
  kSunset     // refused for good, unless extended
};

struct Deprecated {
  int64_t id = 0;
  std::string base;
  std::string version;
  std::string reason;                    // empty: none was said
  std::optional<model::Instant> sunset;  // when it goes
  std::string successor;                 // the version published last of those that stay
  std::string successor_schema;
  std::vector<model::Window> brownouts;
};

struct Answer {
  Served served = Served::kYes;
  model::Instant until = model::kEndOfTime;  // it may be another one then
};

// Returns whether the version is served at the time.
Answer served_at(const Deprecated& version, model::Instant at);

// Returns null when the view is of no deprecated version. Raises what reading tables raises.
const Deprecated* deprecated_version_of(Oid view);

// Returns false when no version is deprecated. Called by every statement that reads or writes.
bool any_deprecated();

// Begins to listen. Called once from _PG_init.
void watch_deprecations();

}  // namespace strata::sunset
