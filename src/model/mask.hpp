// Masking of secrets in statement text that is kept or logged. Plain C++, no server.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace strata::model {

// Returns the statement text with every literal that may be a secret as '***':
// * after PASSWORD and CONNECTION (roles, subscriptions), also with = in between;
// * inside OPTIONS (...): servers, user mappings, foreign tables;
// * any literal in which "password" is followed by = or a quote, or that is a URI with a password.
// Bodies in dollar quotes are masked inside. The text need not be complete or valid; what looks
// like a literal to the end of the text is one. Rather a harmless literal too many than a secret
// too few. `backslash_escapes`: standard_conforming_strings is off. At most `limit` bytes are
// returned, which may end inside a character.
std::string mask_secrets(std::string_view text, bool backslash_escapes = false,
                         size_t limit = static_cast<size_t>(-1));

}  // namespace strata::model
