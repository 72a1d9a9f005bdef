// Writing JSON text. Plain C++, no server.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace strata::model {

// Returns the text as a JSON string (RFC 8259), with its quotes. The text is UTF-8 or any encoding
// whose bytes below 0x80 are ASCII.
std::string json_string(std::string_view text);

// Returns an object of strings, keys in order.
std::string json_object(const std::map<std::string, std::string>& members);

}  // namespace strata::model
