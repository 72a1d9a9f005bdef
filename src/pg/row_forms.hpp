// The row forms of our own tables, which are written with every change.
//
// Scope: backend. A form is made anew after its table was changed.
#pragma once

#include "pg/row_digest.hpp"

namespace strata::pg {

// Returns the form of the open relation's rows. Valid until the next call.
RowForm& row_form(Relation relation);

// Begins to listen. Called once from _PG_init.
void watch_row_forms();

}  // namespace strata::pg
