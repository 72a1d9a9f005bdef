// Owns: applying settings for a while (see followed_settings.hpp).
#include "pg/followed_settings.hpp"

extern "C" {
#include "utils/guc.h"
}

namespace strata::pg {
namespace {

bool is_followed(const char* name) {
  for (const char* followed : {"search_path", "timezone", "lock_timeout"})
    if (name != nullptr && pg_strcasecmp(name, followed) == 0) return true;
  return false;
}

}  // namespace

void FollowedSettings::follow(VariableSetStmt* stmt) {
  if (!is_followed(stmt->name)) return;
  call([&] {
    if (level_ == 0) level_ = NewGUCNestLevel();
    const bool to_value = stmt->kind == VAR_SET_VALUE && stmt->args != NIL;
    const char* value =
        to_value ? ExtractSetVariableArgs(stmt) : GetConfigOptionResetString(stmt->name);
    (void)set_config_option(stmt->name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                            false);
  });
}

FollowedSettings::~FollowedSettings() {
  if (level_ != 0) AtEOXact_GUC(true, level_);
}

}  // namespace strata::pg
