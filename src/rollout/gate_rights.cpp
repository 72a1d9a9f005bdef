// Owns: the order in which a change of a gate takes its locks (see gate_rights.hpp).
#include "rollout/gate_rights.hpp"

#include "guard/rights.hpp"
#include "guard/window_rights.hpp"
#include "pg/database_setting.hpp"

namespace strata::rollout {

// Who has an ALTER DATABASE ... SET under way is waited for before: at the commit, when the copy of
// the gates is written among these settings, it would be with the base locked, and that one may
// want it, too.
std::string require_gate_control(Oid base, const char* what) {
  guard::require_administrator(what);
  pg::wait_for_database_settings();
  return guard::require_control_of(base, what);
}

}  // namespace strata::rollout
