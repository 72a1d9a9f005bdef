// Reading JSON text. Plain C++, no server.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::model {

// A value and where it stands: `text` is the value as it was written, a part of what was read, so
// that it lives as long as that.
struct JsonValue {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  std::string_view text;
  std::string name;              // as a member of an object
  std::string string;            // of a string: what it says
  std::vector<JsonValue> items;  // of an array, or the members of an object, as written

  // The member of that name; null: there is none, or this is no object.
  const JsonValue* find(std::string_view name) const;

  // What a string member says, or how another one is written; empty: there is none.
  std::string member(std::string_view name) const;
};

// Returns no value when the text is no JSON (RFC 8259), or nested more than 100 deep. Text is UTF-8
// or any encoding whose bytes below 0x80 are ASCII; \u escapes are read as UTF-8.
std::optional<JsonValue> read_json(std::string_view text);

}  // namespace strata::model
