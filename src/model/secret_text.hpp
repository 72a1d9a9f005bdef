// What in a text says that a secret stands in it. Plain C++, no server. Each is one pass.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace strata::model {

// Returns true for words that end in one which names a secret: password, db_password, api_key, ...
bool is_secret_word(std::string_view word);

// Returns true when such a word is followed by a value, as in connection strings, nested commands
// and JSON: password=x, password 'x', password E'x', password to 'x', "password": x.
bool names_secret(std::string_view text);

struct Span {
  size_t begin;
  size_t end;
};

// Returns where the password of scheme://user:password@host is, when "://" stands at `at`.
std::optional<Span> uri_password(std::string_view text, size_t at);

// Returns true for a text with a secret or with the URI of one.
bool has_secret(std::string_view text);

}  // namespace strata::model
