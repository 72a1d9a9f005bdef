// Reading JSON text. Plain C++, no server.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::model {

// A value and where it stands: `text` is the value as it was written, and `key` its name as a
// member of an object, in quotes. Both are parts of what was read and live as long as that: a
// session that connects reads its gates, and most of what they say is never asked for.
struct JsonValue {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  std::string_view text;
  std::string_view key;
  std::vector<JsonValue> items;  // of an array, or the members of an object, as written

  // What a string says; of anything else, how it is written.
  std::string string() const;

  // The name as a member of an object; empty: it is none.
  std::string name() const;

  // The member of that name; null: there is none, or this is no object.
  const JsonValue* find(std::string_view name) const;

  // The member's string(); empty: there is none.
  std::string member(std::string_view name) const;
};

// Returns no value when the text is no JSON (RFC 8259), or nested more than 100 deep. Text is UTF-8
// or any encoding whose bytes below 0x80 are ASCII; \u escapes are read as UTF-8.
std::optional<JsonValue> read_json(std::string_view text);

// What is read points into the text, so that must not go first.
template <class T>
requires std::same_as<T, std::string> std::optional<JsonValue> read_json(T&& text)
= delete;

}  // namespace strata::model
