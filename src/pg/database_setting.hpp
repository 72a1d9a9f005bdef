// Settings that the database has for all its sessions (ALTER DATABASE ... SET), from C++.
//
// Scope: catalogs. The server applies them while a session connects, before anything of the
// database has to be read.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Waits until nobody has changed a setting of this database in a transaction that is still open.
// Locks nothing.
void wait_for_database_settings();

// Lets one transaction at a time change a setting of this database from what it has read, until it
// ends; what others committed is seen from then on.
void lock_database_settings();

// Returns the value that sessions which connect now get for a setting of this database; no value
// when it has none.
std::optional<std::string> database_setting(const char* name);

// Sets it; no value takes it away. Whoever calls decides whether the user may: the server asks for
// the rights of a superuser, which it is given.
void set_database_setting(const char* name, const std::optional<std::string>& value);

// Returns what tells this database from all others, also from one that was restored from its dump.
std::string database_identity();

}  // namespace strata::pg
