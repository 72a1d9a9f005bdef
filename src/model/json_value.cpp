// Owns: JSON input (see json_value.hpp).
#include "model/json_value.hpp"

#include <cstdint>

namespace strata::model {
namespace {

constexpr int kDeepest = 100;
// Room is made at once for so many members of an object.
constexpr size_t kUsual = 4;

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
        return string(out.string);
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
      if (!string(member.name)) return false;
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

  bool string(std::string& out) {
    if (!take('"')) return false;
    while (true) {
      const size_t begin = at_;
      while (at_ < text_.size() && is_plain(text_[at_]))
        at_++;
      out.append(text_, begin, at_ - begin);
      if (take('"')) return true;
      if (!take('\\') || !escape(out)) return false;
    }
  }

  bool escape(std::string& out) {
    const char c = peek();
    at_++;
    constexpr std::string_view written = "\"\\/bfnrt";
    constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
    if (const size_t i = written.find(c); i != std::string_view::npos) {
      out += meant[i];
      return true;
    }
    uint32_t code;
    if (c != 'u' || !four(code)) return false;
    if (code >= 0xDC00 && code < 0xE000) return false;
    if (code >= 0xD800 && code < 0xDC00) {
      uint32_t low;
      if (!word("\\u") || !four(low) || low < 0xDC00 || low > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    }
    append_utf8(out, code);
    return true;
  }

  bool four(uint32_t& out) {
    out = 0;
    for (int i = 0; i < 4; i++) {
      const char c = peek();
      at_++;
      if (c >= '0' && c <= '9')
        out = out * 16 + static_cast<uint32_t>(c - '0');
      else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        out = out * 16 + static_cast<uint32_t>((c | 0x20) - 'a' + 10);
      else
        return false;
    }
    return true;
  }

  static void append_utf8(std::string& out, uint32_t code) {
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

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  if (kind != Kind::kObject) return nullptr;
  for (const JsonValue& item : items)
    if (item.name == name) return &item;
  return nullptr;
}

std::string JsonValue::member(std::string_view name) const {
  const JsonValue* found = find(name);
  if (found == nullptr) return {};
  return found->kind == Kind::kString ? found->string : std::string(found->text);
}

std::optional<JsonValue> read_json(std::string_view text) {
  JsonValue out;
  if (!Reader(text).whole(out)) return std::nullopt;
  return out;
}

}  // namespace strata::model
