// Owns: the words that name secrets, and what follows them (see secret_text.hpp).
#include "model/secret_text.hpp"

#include <algorithm>

namespace strata::model {
namespace {

// A password is also said without a sign in between: PASSWORD 'x'.
struct Word {
  std::string_view text;
  bool is_password;
};

constexpr Word kWords[] = {{"password", true},     {"passwd", true},      {"passphrase", true},
                           {"pwd", false},         {"passfile", false},   {"secret", false},
                           {"token", false},       {"api_key", false},    {"apikey", false},
                           {"access_key", false},  {"accesskey", false},  {"secret_key", false},
                           {"private_key", false}, {"privatekey", false}, {"credentials", false}};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(),
                                                  [](char a, char b) { return a == lower(b); });
}

const Word* word_at(std::string_view text) {
  for (const Word& word : kWords)
    if (starts_with(text, word.text)) return &word;
  return nullptr;
}

std::string_view without_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\n\r\f\v"), text.size()));
}

// Whether a literal begins here, also one whose quotes are escaped in the literal it stands in.
bool starts_literal(std::string_view text) {
  for (const std::string_view prefix : {"e", "b", "x", "n", "u&"})
    if (starts_with(text, prefix) && text.substr(prefix.size()).starts_with('\'')) return true;
  text = text.substr(std::min(text.find_first_not_of('\\'), text.size()));
  return text.starts_with('\'') || text.starts_with('$');
}

// Whether what follows the word is its value.
bool is_value(std::string_view text, const Word& word) {
  if (word.is_password && starts_literal(text)) return true;
  const size_t quotes = std::min(text.find_first_not_of("\\\"'"), text.size());
  text = without_blanks(text.substr(quotes));
  if (text.starts_with('=') || text.starts_with(":=")) return true;
  if (quotes > 0 && text.starts_with(':')) return true;
  if (starts_with(text, "to ")) return starts_literal(without_blanks(text.substr(3)));
  return word.is_password && starts_literal(text);
}

}  // namespace

bool is_secret_word(std::string_view word) {
  return std::any_of(std::begin(kWords), std::end(kWords), [&](const Word& known) {
    return word.size() >= known.text.size() &&
           starts_with(word.substr(word.size() - known.text.size()), known.text);
  });
}

bool names_secret(std::string_view text) {
  for (size_t at = 0; at < text.size(); at++)
    if (const Word* word = word_at(text.substr(at)))
      if (is_value(text.substr(at + word->text.size()), *word)) return true;
  return false;
}

std::optional<Span> uri_password(std::string_view text, size_t at) {
  const size_t begin = at + 3;
  const std::string_view rest = text.substr(begin);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/ \t\n'\""));
  const size_t host = authority.rfind('@');
  const size_t colon = authority.find(':');
  if (host == authority.npos || colon >= host) return std::nullopt;
  return Span{begin + colon + 1, begin + host};
}

bool has_secret(std::string_view text) {
  if (names_secret(text)) return true;
  for (size_t at = text.find("://"); at != text.npos; at = text.find("://", at + 3))
    if (uri_password(text, at)) return true;
  return false;
}

}  // namespace strata::model
