// Owns: a scanner of SQL text that knows literals, comments and words (see mask.hpp). It follows
// src/backend/parser/scan.l in what ends a literal.
#include "model/mask.hpp"

#include <algorithm>

namespace strata::model {
namespace {

constexpr std::string_view kMasked = "'***'";

// Bodies inside bodies deeper than this are masked as a whole, so that text made for it costs
// neither time nor stack.
constexpr int kDeepest = 8;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

bool continues_word(char c) {
  return starts_word(c) || (c >= '0' && c <= '9') || c == '$';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view text, std::string_view word) {
  return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(),
                                                  [](char a, char b) { return lower(a) == b; });
}

// Returns true for a key "password" with its value, as in conninfo strings and nested commands.
bool names_password(std::string_view text) {
  constexpr std::string_view key = "password";
  for (size_t at = 0; at + key.size() <= text.size(); at++) {
    if (!same_word(text.substr(at, key.size()), key)) continue;
    size_t next = at + key.size();
    while (next < text.size() && is_space(text[next]))
      next++;
    if (next < text.size() && (text[next] == '=' || text[next] == '\'')) return true;
  }
  return false;
}

// Returns true for scheme://user:password@host.
bool has_uri_password(std::string_view text) {
  for (size_t at = text.find("://"); at != text.npos; at = text.find("://", at + 3)) {
    std::string_view authority = text.substr(at + 3);
    authority = authority.substr(0, authority.find_first_of("/ \t\n'\""));
    const size_t host = authority.rfind('@');
    if (host != authority.npos && authority.substr(0, host).find(':') != authority.npos)
      return true;
  }
  return false;
}

class Masker {
 public:
  Masker(std::string_view text, bool backslash_escapes, size_t limit, int level)
      : text_(text), backslash_escapes_(backslash_escapes), limit_(limit), level_(level) {}

  std::string run() {
    while (at_ < text_.size() && out_.size() < limit_)
      token();
    if (out_.size() > limit_) out_.resize(limit_);
    return std::move(out_);
  }

 private:
  // What the literals that come next are.
  enum class Next { kPlain, kSecret, kOptions };

  void token() {
    const char c = text_[at_];
    if (is_space(c)) return copy_to(at_ + 1);
    if (text_.substr(at_, 2) == "--") return copy_to(end_of_line());
    if (text_.substr(at_, 2) == "/*") return copy_to(end_of_comment());
    if (c == '\'') return literal(at_, end_of_quoted(at_, '\'', backslash_escapes_));
    if (c == '"') return other(end_of_quoted(at_, '"', false));
    if (c == '$' && end_of_tag() != at_) return dollar_quoted();
    if (starts_word(c)) return word();
    parentheses(c);
    // PASSWORD = 'x' is said so in options of many kinds.
    if (c == '=') return copy_to(at_ + 1);
    other(at_ + 1);
  }

  void parentheses(char c) {
    if (c == '(' && (depth_ > 0 || next_ == Next::kOptions)) depth_++;
    if (c == ')' && depth_ > 0) depth_--;
  }

  void word() {
    size_t end = at_;
    while (end < text_.size() && continues_word(text_[end]))
      end++;
    const std::string_view word = text_.substr(at_, end - at_);
    const bool quote_follows = end < text_.size() && text_[end] == '\'';
    if (quote_follows && (same_word(word, "e") || same_word(word, "b") || same_word(word, "x") ||
                          same_word(word, "n")))
      return literal(end, end_of_quoted(end, '\'', same_word(word, "e") || backslash_escapes_));
    if (same_word(word, "u") && text_.substr(end, 2) == "&'")
      return literal(end + 1, end_of_quoted(end + 1, '\'', false));
    copy_to(end);
    next_ = same_word(word, "password") || same_word(word, "connection") ? Next::kSecret
            : same_word(word, "options")                                 ? Next::kOptions
                                                                         : Next::kPlain;
  }

  // A literal whose quote is at `quote`; what precedes the quote is its prefix.
  void literal(size_t quote, size_t end) {
    // Without its quotes; where the closing one is missing, without its last character.
    const std::string_view body = text_.substr(quote + 1, std::max(end - quote, size_t{2}) - 2);
    if (!is_secret() && !names_password(body) && !has_uri_password(body)) return other(end);
    copy_to(quote);
    mask_to(end);
  }

  void dollar_quoted() {
    const size_t body = end_of_tag();
    const std::string_view tag = text_.substr(at_, body - at_);
    const size_t close = std::min(text_.find(tag, body), text_.size());
    const size_t end = std::min(close + tag.size(), text_.size());
    if (is_secret() || level_ == kDeepest) return mask_to(end);
    copy_to(body);
    out_ += Masker(text_.substr(body, close - body), backslash_escapes_, room(), level_ + 1).run();
    at_ = close;
    other(end);
  }

  bool is_secret() const { return depth_ > 0 || next_ == Next::kSecret; }

  // A literal goes on in the next one, after a line break; that is as secret.
  void mask_to(size_t end) {
    out_ += kMasked;
    at_ = end;
    next_ = Next::kSecret;
  }

  // Any other token: what follows it is no longer about PASSWORD.
  void other(size_t end) {
    copy_to(end);
    next_ = Next::kPlain;
  }

  void copy_to(size_t end) {
    out_ += text_.substr(at_, std::min(end - at_, room()));
    at_ = end;
  }

  size_t room() const { return limit_ > out_.size() ? limit_ - out_.size() : 0; }

  size_t end_of_line() const { return std::min(text_.find('\n', at_), text_.size()); }

  size_t end_of_comment() const {
    int depth = 0;
    for (size_t i = at_; i + 1 < text_.size(); i++) {
      if (text_.substr(i, 2) == "/*")
        depth++, i++;
      else if (text_.substr(i, 2) == "*/" && (i++, --depth == 0))
        return i + 1;
    }
    return text_.size();
  }

  size_t end_of_quoted(size_t open, char quote, bool escapes) const {
    for (size_t i = open + 1; i < text_.size(); i++) {
      if (escapes && text_[i] == '\\')
        i++;
      else if (text_[i] == quote && i + 1 < text_.size() && text_[i + 1] == quote)
        i++;
      else if (text_[i] == quote)
        return i + 1;
    }
    return text_.size();
  }

  // Returns the position after $tag$, or where we are when there is none.
  size_t end_of_tag() const {
    size_t i = at_ + 1;
    if (i < text_.size() && starts_word(text_[i]))
      while (i < text_.size() && continues_word(text_[i]) && text_[i] != '$')
        i++;
    return i < text_.size() && text_[i] == '$' ? i + 1 : at_;
  }

  std::string_view text_;
  bool backslash_escapes_;
  size_t limit_;
  int level_;
  size_t at_ = 0;
  int depth_ = 0;  // parentheses inside OPTIONS (...)
  Next next_ = Next::kPlain;
  std::string out_;
};

}  // namespace

std::string mask_secrets(std::string_view text, bool backslash_escapes, size_t limit) {
  return Masker(text, backslash_escapes, limit, 0).run();
}

}  // namespace strata::model
