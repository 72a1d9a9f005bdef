// The search_path that a session falls back to, and what a route needs of the session.
//
// Scope: backend. The default is what RESET, DISCARD ALL and the end of SET LOCAL lead back to; a
// SET of the session's own stays in force above it (guc.c: a source up to PGC_S_OVERRIDE sets the
// reset value, and the value unless a higher source did).
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns search_path as it is set now.
const char* search_path() noexcept;

// Returns what RESET search_path would make of it.
std::string default_path();

// Makes `path` the default. Looks at no catalogs and raises nothing, so that it may be called at
// the ends of a transaction. Not in parallel mode.
void set_default_path(const std::string& path) noexcept;

// The same for pg_strata.serving.
void set_serving(const std::string& serving) noexcept;

// Returns true while set_serving runs, and in a parallel worker that takes over its leader's.
bool sets_serving() noexcept;

// Returns the identifiers in a list like "a, b", folded as the server folds them; no value when it
// is no such list.
std::optional<std::vector<std::string>> identifiers_in(const std::string& list);

// Returns true for the backend of a client that is no superuser and sends SQL: no worker, no
// replication.
bool serves_ordinary_client();

// Returns true where the role may use what is in the schema.
bool may_use_schema(Oid schema, Oid role);

// Returns the name of the database of this session.
std::string database_name();

// Returns true when the role is a member of the group, directly or through others; a superuser is
// when made one. False where there is no such group.
bool is_member(Oid role, const std::string& group);

}  // namespace strata::pg
