// What happens when a client uses a deprecated version: a warning once in a session, a refusal
// during brownouts and after the sunset.
#pragma once

namespace strata::sunset {

// Installs ExecutorStart_hook, where prepared statements and cursors come by as well. Raise-kind.
void install_use_hook();

}  // namespace strata::sunset
