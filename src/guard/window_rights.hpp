// Who may say when changes are made to a base schema.
#pragma once

#include "pg/prelude.hpp"

namespace strata::guard {

// Raises 42501 unless the current user owns the base, and ST010 unless it is tracked; locks it
// against other changes of its registry rows. InvalidOid means every base: raises 42501 unless the
// current user is a superuser. Returns the base's name; nothing for every base. `what` is done:
// "add a window".
std::optional<std::string> require_control(Oid base, std::string_view what);

// Deletes the row of that name from strata.TABLE after the same checks by the row's base; where
// that schema is gone, a superuser may. Raises 42704 when there is none. `what` is what the table
// has rows of: "window".
void drop_row(std::string_view table, std::string_view what, const std::string& name);

}  // namespace strata::guard
