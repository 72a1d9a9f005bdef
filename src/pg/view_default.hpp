// Defaults of view columns, given and taken without SQL: ALTER VIEW would read the text of a
// default with the rights of whoever runs it, and the parser calls functions for some constants (an
// array of a domain with a CHECK).
//
// Called by publish, repair and upkeep as the extension's owner.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Gives column `attnum` of the view the default of column `source` of `from`, as it is stored
// there.
void copy_default(Oid view, AttrNumber attnum, Oid from, AttrNumber source);

// Gives column `attnum` of the view the default that `text` says, with all its names qualified and
// read with the rights of `author`. Raises the parser's errors.
void set_default(Oid view, AttrNumber attnum, const std::string& text, Oid author);

// Drops the default of column `attnum` of the view, if it has one.
void drop_default(Oid view, AttrNumber attnum);

}  // namespace strata::pg
