// Inserting the rows of a COPY many at a time, as the server's own COPY does.
#pragma once

#include "rewrite/copy_rows.hpp"

namespace strata::rewrite::raw {

// Raise-kind, both. Returns true when nothing in the INSERT can tell whether rows before were
// stored already: no function in it reads what it writes. Ask before it is planned.
bool may_wait(const Query* query);

// Lets a started INSERT that may wait store its rows in batches, where no trigger can tell the
// difference: in a plain table without BEFORE ROW triggers. Elsewhere it stores row by row.
void insert_in_batches(QueryDesc* statement);

}  // namespace strata::rewrite::raw
