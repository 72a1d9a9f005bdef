// Which settings switch off what guards others. Plain C++, no server.
#pragma once

#include <string_view>

namespace strata::model {

// Returns true for the settings that let pass what triggers, event triggers, the catalogs' own
// protection or pg_strata stop, and for those that decide whether its library is loaded. Whatever
// the case of the name.
bool switches_guards(std::string_view setting);

}  // namespace strata::model
