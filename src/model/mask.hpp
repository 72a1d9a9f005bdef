// Masking of secrets in statement text that is kept or logged. Plain C++, no server.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace strata::model {

// Returns the statement text with every literal that may be a secret as '***':
// * after PASSWORD and CONNECTION (roles, subscriptions), and after words and names that say a
// secret
//   (secret_text.hpp), also with =, :=, => or TO in between;
// * inside OPTIONS (...): servers, user mappings, foreign tables;
// * any literal, quoted name or comment in which such a word has a value, or that has a URI with a
//   password.
// Bodies in dollar quotes are masked inside, there also key=value without quotes and strings of
// other languages. The text need not be complete or valid; what looks like a literal to the end of
// the text is one. Rather a harmless literal too many than a secret too few. `backslash_escapes`:
// standard_conforming_strings is off. At most `limit` bytes are returned, which may end inside a
// character.
std::string mask_secrets(std::string_view text, bool backslash_escapes = false,
                         size_t limit = static_cast<size_t>(-1));

// Returns the text masked as what stands in dollar quotes is.
std::string mask_body(std::string_view text);

// Returns the JSON text of a definition with its strings masked: expressions and code as bodies;
// options ("key=value") and comments as a whole where a secret is in them. Names of members and
// grants are left, and so is all else, to the byte. Text that is no JSON is returned somehow.
std::string mask_in_definition(std::string_view json);

}  // namespace strata::model
