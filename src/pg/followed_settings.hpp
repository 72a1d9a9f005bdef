// Settings that statements in a text would make for those that follow, applied while the text is
// read.
//
// Scope: one call of strata.assess; put back at its end, by an abort through the GUC stack.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

class FollowedSettings {
 public:
  FollowedSettings() = default;
  ~FollowedSettings();
  FollowedSettings(const FollowedSettings&) = delete;
  FollowedSettings& operator=(const FollowedSettings&) = delete;

  // Applies the SET when it is of a setting that decides what later statements mean or do:
  // search_path, TimeZone, lock_timeout. Raises what SET would raise.
  void follow(VariableSetStmt* stmt);

 private:
  int level_ = 0;  // GUC nest level; 0: none yet
};

}  // namespace strata::pg
