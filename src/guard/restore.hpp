// A dump that is loaded into a fresh database: the rows of strata.base_schema come with its data,
// and its keys, triggers and grants after them. The session that brought the rows may finish.
//
// Scope: backend.
#pragma once

#include "pg/guard.hpp"

namespace strata::guard {

// Returns true for COPY into strata.base_schema while it is empty: nobody can use it to leave a
// guard that is there.
bool restores_bases(const Node* tree);

// To be called when such a COPY has succeeded.
void note_restore() noexcept;

// Returns true when this session loads a dump: the guard lets it finish.
bool session_restores() noexcept;

}  // namespace strata::guard
