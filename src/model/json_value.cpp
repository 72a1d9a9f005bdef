// Owns: JSON input (see json_value.hpp).
#include "model/json_value.hpp"

#include <algorithm>
#include <cstdint>

namespace strata::model {
namespace {

constexpr int kDeepest = 100;
// Room is made at once for so many members of an object.
constexpr size_t kUsual = 4;

bool four(std::string_view text, size_t& at, uint32_t& out) {
  out = 0;
  for (int i = 0; i < 4; i++) {
    const char c = at < text.size() ? text[at] : '\0';
    at++;
    if (c >= '0' && c <= '9')
      out = out * 16 + static_cast<uint32_t>(c - '0');
    else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
      out = out * 16 + static_cast<uint32_t>((c | 0x20) - 'a' + 10);
    else
      return false;
  }
  return true;
}

// Reads what follows a backslash as a code point, and steps over it.
bool read_escape(std::string_view text, size_t& at, uint32_t& code) {
  const char c = at < text.size() ? text[at] : '\0';
  at++;
  constexpr std::string_view written = "\"\\/bfnrt";
  constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
  if (const size_t i = written.find(c); i != std::string_view::npos) {
    code = static_cast<unsigned char>(meant[i]);
    return true;
  }
  if (c != 'u' || !four(text, at, code)) return false;
  if (code >= 0xDC00 && code < 0xE000) return false;
  if (code < 0xD800 || code >= 0xDC00) return true;
  uint32_t low;
  if (text.substr(std::min(at, text.size()), 2) != "\\u") return false;
  at += 2;
  if (!four(text, at, low) || low < 0xDC00 || low > 0xDFFF) return false;
  code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
  return true;
}

void append_utf8(std::string& out, uint32_t code) {
  const auto rest = [&](uint32_t shift) {
    out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    rest(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    rest(6);
    rest(0);
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    rest(12);
    rest(6);
    rest(0);
  }
}

// Returns what a string says that stands there in quotes, which has been read.
std::string unquoted(std::string_view quoted) {
  quoted = quoted.substr(1, quoted.size() - 2);
  std::string out;
  size_t done = 0;
  for (size_t at = quoted.find('\\'); at != std::string_view::npos; at = quoted.find('\\', done)) {
    out.append(quoted, done, at - done);
    done = at + 1;
    uint32_t code;
    (void)read_escape(quoted, done, code);
    append_utf8(out, code);
  }
  out.append(quoted, done);
  return out;
}

// Returns true when the key, in quotes, says the name. An escape is longer than what it says.
bool says(std::string_view key, std::string_view name) {
  if (key.size() < name.size() + 2) return false;
  if (key.size() > name.size() + 2)
    return key.find('\\') != std::string_view::npos && unquoted(key) == name;
  return key.substr(1, name.size()) == name && name.find('\\') == std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool whole(JsonValue& out) {
    if (!value(out, 0)) return false;
    skip_blanks();
    return at_ == text_.size();
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool take(char wanted) {
    if (peek() != wanted || at_ >= text_.size()) return false;
    at_++;
    return true;
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_]))
      at_++;
  }

  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

  bool value(JsonValue& out, int depth) {
    if (depth > kDeepest) return false;
    skip_blanks();
    const size_t begin = at_;
    if (!unlocated(out, depth)) return false;
    out.text = text_.substr(begin, at_ - begin);
    return true;
  }

  bool unlocated(JsonValue& out, int depth) {
    switch (peek()) {
      case '{':
        out.kind = JsonValue::Kind::kObject;
        return object(out, depth);
      case '[':
        out.kind = JsonValue::Kind::kArray;
        return array(out, depth);
      case '"':
        out.kind = JsonValue::Kind::kString;
        return string();
      case 't':
      case 'f':
        out.kind = JsonValue::Kind::kBool;
        return word("true") || word("false");
      case 'n':
        return word("null");
      default:
        out.kind = JsonValue::Kind::kNumber;
        return number();
    }
  }

  bool word(std::string_view wanted) {
    if (text_.substr(at_, wanted.size()) != wanted) return false;
    at_ += wanted.size();
    return true;
  }

  bool digits() {
    const size_t begin = at_;
    while (peek() >= '0' && peek() <= '9')
      at_++;
    return at_ > begin;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return digits();
  }

  bool object(JsonValue& out, int depth) {
    at_++;
    skip_blanks();
    if (take('}')) return true;
    out.items.reserve(kUsual);
    do {
      skip_blanks();
      JsonValue& member = out.items.emplace_back();
      const size_t begin = at_;
      if (!string()) return false;
      member.key = text_.substr(begin, at_ - begin);
      skip_blanks();
      if (!take(':')) return false;
      if (!value(member, depth + 1)) return false;
      skip_blanks();
    } while (take(','));
    return take('}');
  }

  bool array(JsonValue& out, int depth) {
    at_++;
    skip_blanks();
    if (take(']')) return true;
    do {
      if (!value(out.items.emplace_back(), depth + 1)) return false;
      skip_blanks();
    } while (take(','));
    return take(']');
  }

  static bool is_plain(char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
  }

  // Steps over one.
  bool string() {
    if (!take('"')) return false;
    while (true) {
      while (at_ < text_.size() && is_plain(text_[at_]))
        at_++;
      if (take('"')) return true;
      uint32_t code;
      if (!take('\\') || !read_escape(text_, at_, code)) return false;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  if (kind != Kind::kObject) return nullptr;
  for (const JsonValue& item : items)
    if (says(item.key, name)) return &item;
  return nullptr;
}

std::string JsonValue::string() const {
  return kind == Kind::kString ? unquoted(text) : std::string(text);
}

std::string JsonValue::name() const {
  return key.empty() ? std::string() : unquoted(key);
}

std::string JsonValue::member(std::string_view name) const {
  const JsonValue* const found = find(name);
  return found != nullptr ? found->string() : std::string();
}

std::optional<JsonValue> read_json(std::string_view text) {
  JsonValue out;
  if (!Reader(text).whole(out)) return std::nullopt;
  return out;
}

}  // namespace strata::model
