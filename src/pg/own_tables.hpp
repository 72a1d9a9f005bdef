// The extension's own tables by name: several are looked up in every transaction with DDL, by names
// that hardly ever mean another one.
//
// Scope: backend; the server tells when one of them is dropped, made anew or renamed.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns the relation strata.`name`; InvalidOid when there is none.
Oid own_table(const std::string& name);

// Registers the callbacks. To be called in _PG_init.
void watch_own_tables();

}  // namespace strata::pg
