// Owns: finding names in SQL text (see sql_names.hpp).
#include "model/sql_names.hpp"

#include <algorithm>

namespace strata::model {
namespace {

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool continues_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9') || c == '$';
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::set<std::string> names() {
    bool is_type = false;
    while (skip_blanks(), at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\'') {
        skip_literal(false);
      } else if (c == '$' && skip_dollar_literal()) {
      } else if (c == '"' || begins_name(c)) {
        name(is_type);
        is_type = false;
      } else if (continues_name(c)) {
        // A number, or what follows $ in a parameter.
        while (at_ < text_.size() && (continues_name(text_[at_]) || text_[at_] == '.'))
          at_++;
      } else {
        is_type = text_.substr(at_, 2) == "::";
        at_ += is_type ? 2 : 1;
      }
    }
    return std::move(names_);
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size()) {
      if (std::string_view(" \t\r\n\f\v").find(text_[at_]) != std::string_view::npos) {
        at_++;
      } else if (text_.substr(at_, 2) == "--") {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_, 2) == "/*") {
        skip_comment();
      } else {
        return;
      }
    }
  }

  void skip_comment() {
    int depth = 0;
    do {
      if (text_.substr(at_, 2) == "/*" || text_.substr(at_, 2) == "*/") {
        depth += text_[at_] == '/' ? 1 : -1;
        at_++;
      }
      at_++;
    } while (depth > 0 && at_ < text_.size());
  }

  void skip_literal(bool has_escapes) {
    for (at_++; at_ < text_.size(); at_++) {
      if (has_escapes && text_[at_] == '\\') {
        at_++;
      } else if (text_[at_] == '\'') {
        at_++;
        if (at_ >= text_.size() || text_[at_] != '\'') return;
      }
    }
  }

  bool skip_dollar_literal() {
    size_t end = at_ + 1;
    if (end < text_.size() && begins_name(text_[end]))
      while (end < text_.size() && continues_name(text_[end]) && text_[end] != '$')
        end++;
    if (end >= text_.size() || text_[end] != '$') return false;
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const size_t close = text_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    return true;
  }

  void name(bool is_type) {
    std::string name;
    if (text_[at_] == '"') {
      const size_t begin = at_++;
      for (; at_ < text_.size(); at_++) {
        if (text_[at_] != '"') continue;
        at_++;
        if (at_ >= text_.size() || text_[at_] != '"') break;
      }
      name = unquoted(text_.substr(begin, at_ - begin));
    } else {
      for (; at_ < text_.size() && continues_name(text_[at_]); at_++)
        name += text_[at_] >= 'A' && text_[at_] <= 'Z' ? static_cast<char>(text_[at_] | 0x20)
                                                       : text_[at_];
      if (at_ < text_.size() && text_[at_] == '\'') return skip_literal(name == "e");
    }
    skip_blanks();
    const bool is_called = at_ < text_.size() && text_[at_] == '(';
    if (!is_type && !is_called) names_.insert(std::move(name));
  }

  std::string_view text_;
  size_t at_ = 0;
  std::set<std::string> names_;
};

}  // namespace

std::set<std::string> column_names_in(std::string_view expression) {
  return Scanner(expression).names();
}

std::string unquoted(std::string_view identifier) {
  if (identifier.size() < 2 || identifier.front() != '"' || identifier.back() != '"')
    return std::string(identifier);
  std::string out;
  for (size_t i = 1; i + 1 < identifier.size(); i++) {
    out += identifier[i];
    if (identifier[i] == '"' && identifier[i + 1] == '"' && i + 2 < identifier.size()) i++;
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> qualified_names(std::string_view list) {
  std::vector<std::pair<std::string, std::string>> out;
  std::vector<std::string> parts;
  bool is_quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i <= list.size(); i++) {
    const char c = i < list.size() ? list[i] : ',';
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted && i < list.size()) continue;
    if (c != '.' && c != ',') continue;
    while (begin < i && list[begin] == ' ')
      begin++;
    parts.push_back(unquoted(list.substr(begin, i - begin)));
    begin = i + 1;
    if (c == '.') continue;
    if (parts.size() == 2) out.emplace_back(parts[0], parts[1]);
    parts.clear();
  }
  return out;
}

}  // namespace strata::model
