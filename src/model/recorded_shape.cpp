// Owns: searching the text of recorded definitions (see recorded_shape.hpp).
//
// Quotes inside of JSON strings are escaped, so that what is searched here, which has quotes, is
// found nowhere but where it means what it says.
#include "model/recorded_shape.hpp"

#include <cstring>

#include <string>

#include "model/json.hpp"

namespace strata::model {
namespace {

constexpr size_t kNowhere = std::string_view::npos;

// string_view::find looks at every byte that is the first of the pattern.
size_t find(std::string_view text, const std::string& pattern, size_t from) {
  if (from >= text.size()) return kNowhere;
  const void* found =
      memmem(text.data() + from, text.size() - from, pattern.data(), pattern.size());
  if (found == nullptr) return kNowhere;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

// Returns the position behind the string that begins at `at`.
size_t after_string(std::string_view text, size_t at) {
  for (at++; at < text.size() && text[at] != '"'; at++)
    if (text[at] == '\\') at++;
  return at + 1;
}

// Returns the object that begins at `at`.
std::string_view object_at(std::string_view text, size_t at) {
  const size_t begin = at;
  int depth = 0;
  while (at < text.size()) {
    if (text[at] == '"') {
      at = after_string(text, at);
      continue;
    }
    if (text[at] == '{' || text[at] == '[') depth++;
    if ((text[at] == '}' || text[at] == ']') && --depth == 0)
      return text.substr(begin, at + 1 - begin);
    at++;
  }
  return {};
}

}  // namespace

std::string_view shape_by_number(std::string_view shapes, uint32_t number) {
  // It is the first member; the digit that would make it another number is no comma.
  const std::string pattern = "{\"oid\":" + std::to_string(number) + ",";
  std::string_view first;
  for (size_t at = find(shapes, pattern, 0); at != kNowhere;
       at = find(shapes, pattern, at + pattern.size())) {
    const std::string_view shape = object_at(shapes, at);
    if (shape.find("\"columns\":") != kNowhere) return shape;
    if (first.empty()) first = shape;
  }
  return first;
}

std::string_view shape_by_name(std::string_view shapes, std::string_view name) {
  const std::string pattern = json_string(name) + ": {";
  const size_t at = find(shapes, pattern, 0);
  if (at == kNowhere || at == 0 || (shapes[at - 1] != '{' && shapes[at - 1] != ' ')) return {};
  return object_at(shapes, at + pattern.size() - 1);
}

}  // namespace strata::model
