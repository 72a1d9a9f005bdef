// Names of version schemas. Plain C++, no server.
#pragma once

#include <string>
#include <string_view>

namespace strata::model {

// Bytes of an identifier the server keeps (NAMEDATALEN - 1 of a standard build).
constexpr size_t kIdentifierBytes = 63;

// Returns the default schema name of a version, `<base>_<version>`: every character outside
// [a-z0-9_] becomes one `_`, a multi-byte UTF-8 character too. The result may be longer than
// kIdentifierBytes; the caller refuses that rather than cut it.
std::string version_schema_name(std::string_view base, std::string_view version);

}  // namespace strata::model
