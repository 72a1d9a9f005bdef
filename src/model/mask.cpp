// Owns: a scanner of SQL text that knows literals, comments and words (see mask.hpp). It follows
// src/backend/parser/scan.l in what ends a literal.
#include "model/mask.hpp"

#include "model/secret_text.hpp"

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
  // What the literals that come next are. Assigned: a secret word and = precede, so that what comes
  // is a value in whatever quotes.
  enum class Next { kPlain, kSecret, kAssigned, kOptions };

  void token() {
    const char c = text_[at_];
    if (is_space(c)) return copy_to(at_ + 1);
    if (text_.substr(at_, 2) == "--") return comment(end_of_line(), "-- ***");
    if (text_.substr(at_, 2) == "/*") return comment(end_of_comment(), "/* *** */");
    if (c == '\'') return literal(at_, end_of_quoted(at_, '\'', backslash_escapes_));
    if (c == '"') return quoted_name(end_of_quoted(at_, '"', false));
    if (c == '$' && end_of_tag() != at_) return dollar_quoted();
    if (starts_word(c)) return word();
    parentheses(c);
    if (text_.substr(at_, 3) == "://")
      if (const auto password = uri_password(text_, at_)) {
        copy_to(password->begin);
        out_ += "***";
        at_ = password->end;
        return;
      }
    if (const size_t sign = length_of_sign(); sign > 0) return assign(at_ + sign);
    other(at_ + 1);
  }

  // PASSWORD = 'x' is said so in options of many kinds; => and := in calls; "password": in bodies.
  size_t length_of_sign() const {
    const std::string_view two = text_.substr(at_, 2);
    if (two == "=>" || two == ":=") return 2;
    if (text_[at_] == ':' && is_body() && two != "::") return 1;
    return text_[at_] == '=' ? 1 : 0;
  }

  void assign(size_t end) {
    copy_to(end);
    if (next_ == Next::kSecret) next_ = Next::kAssigned;
  }

  void comment(size_t end, const char* masked) {
    if (!has_secret(text_.substr(at_, end - at_))) return copy_to(end);
    out_ += masked;
    at_ = end;
  }

  // A name may be that of a setting. In a body it may be a string of another language.
  void quoted_name(size_t end) {
    const std::string_view name = inside(at_, end);
    if (has_secret(name) || (is_body() && next_ == Next::kAssigned)) return mask_to(end, "\"***\"");
    other(end);
    if (is_secret_word(name)) next_ = Next::kSecret;
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
    if (same_word(word, "to") && next_ == Next::kSecret) return assign(end);
    const bool is_secret = is_secret_word(word);
    if (is_body() && is_secret && mask_setting()) return;
    next_ = is_secret || same_word(word, "connection") ? Next::kSecret
            : same_word(word, "options")               ? Next::kOptions
                                                       : Next::kPlain;
  }

  // password=x in a connection string. Its end in quotes, or what may be a comment, is left: what
  // comes after must not be read as a literal that it is not.
  bool mask_setting() {
    if (at_ == text_.size() || text_[at_] != '=') return false;
    size_t end = at_ + 1;
    if (end < text_.size() && (text_[end] == '$' || text_[end] == '=' || text_[end] == '>'))
      return false;
    while (end < text_.size() && !is_space(text_[end]) && text_[end] != '\'' && text_[end] != '"' &&
           text_.substr(end, 2) != "--" && text_.substr(end, 2) != "/*")
      end++;
    if (end == at_ + 1) return false;
    out_ += "=***";
    at_ = end;
    next_ = Next::kPlain;
    return true;
  }

  // A literal whose quote is at `quote`; what precedes the quote is its prefix.
  void literal(size_t quote, size_t end) {
    const std::string_view body = inside(quote, end);
    if (is_secret() || has_secret(body)) {
      copy_to(quote);
      return mask_to(end, kMasked);
    }
    other(end);
    if (is_body() && is_secret_word(body)) next_ = Next::kSecret;
  }

  // A literal without its quotes; where the closing one is missing, without its last character.
  std::string_view inside(size_t quote, size_t end) const {
    return text_.substr(quote + 1, std::max(end - quote, size_t{2}) - 2);
  }

  void dollar_quoted() {
    const size_t body = end_of_tag();
    const std::string_view tag = text_.substr(at_, body - at_);
    const size_t close = std::min(text_.find(tag, body), text_.size());
    const size_t end = std::min(close + tag.size(), text_.size());
    if (is_secret() || level_ == kDeepest) return mask_to(end, kMasked);
    copy_to(body);
    out_ += Masker(text_.substr(body, close - body), backslash_escapes_, room(), level_ + 1).run();
    at_ = close;
    other(end);
  }

  bool is_secret() const {
    return depth_ > 0 || next_ == Next::kSecret || next_ == Next::kAssigned;
  }

  // Whether this is not the statement itself: a body in any language, or plain text.
  bool is_body() const { return level_ > 0; }

  // A literal goes on in the next one, after a line break; that is as secret.
  void mask_to(size_t end, std::string_view masked) {
    out_ += masked;
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

std::string mask_body(std::string_view text) {
  return Masker(text, false, static_cast<size_t>(-1), 1).run();
}

}  // namespace strata::model
