// Who may say when changes are made to a base schema.
#pragma once

#include "pg/prelude.hpp"

namespace strata::guard {

// Raises 42501 unless the current user may set up the guard, and ST010 unless the base is tracked;
// locks it against other changes of its registry rows. Returns the base's name; nothing for
// InvalidOid, which means every base. `what` is done: "add a window".
std::optional<std::string> require_control(Oid base, const char* what);

// The same for what is always about one base; raises 3F000 for InvalidOid.
std::string require_control_of(Oid base, const char* what);

// Deletes the row of that name from strata.TABLE; raises 42501 unless the current user may set up
// the guard, 42704 when there is none. `what` is what the table has rows of: "window".
void drop_row(const std::string& table, const std::string& what, const std::string& name);

}  // namespace strata::guard
