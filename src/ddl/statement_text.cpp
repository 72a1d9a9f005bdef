// Owns: cutting statements (see statement_text.hpp).
#include "ddl/statement_text.hpp"

namespace strata::ddl {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';' || c == '\f';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_word(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '"';
}

std::string trimmed(std::string text) {
  while (!text.empty() && (is_blank(text.back()) || text.back() == ','))
    text.pop_back();
  size_t from = 0;
  while (from < text.size() && is_blank(text[from]))
    from++;
  return text.substr(from);
}

}  // namespace

StatementText::StatementText(std::string_view source, int start, int length)
    : start_(std::max(start, 0)) {
  std::string_view part =
      source.substr(std::min<size_t>(static_cast<size_t>(start_), source.size()));
  if (length > 0) part = part.substr(0, static_cast<size_t>(length));
  while (!part.empty() && is_blank(part.front())) {
    part.remove_prefix(1);
    start_++;
  }
  text_ = trimmed(std::string(part));
}

std::string StatementText::piece(int from, int to) const {
  const int begin = from - start_;
  const int end = to < 0 ? static_cast<int>(text_.size()) : to - start_;
  if (from < 0 || begin < 0 || end <= begin || begin >= static_cast<int>(text_.size())) return {};
  return trimmed(text_.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
}

std::string StatementText::with(int location, const std::string& inserted) const {
  const int at = location - start_;
  if (location < 0 || at < 0 || at > static_cast<int>(text_.size())) return {};
  std::string out = text_;
  return out.insert(static_cast<size_t>(at), inserted + " ");
}

size_t StatementText::end_of(std::string_view word) const {
  for (size_t at = 0; at + word.size() <= text_.size(); at++) {
    const bool begins = at == 0 || !is_word(text_[at - 1]);
    const bool ends = at + word.size() == text_.size() || !is_word(text_[at + word.size()]);
    if (!begins || !ends) continue;
    bool equal = true;
    for (size_t i = 0; i < word.size() && equal; i++)
      equal = lower(text_[at + i]) == lower(word[i]);
    if (equal) return at + word.size();
  }
  return std::string::npos;
}

std::string StatementText::with_after(std::initializer_list<std::string_view> words,
                                      const std::string& inserted) const {
  for (const std::string_view word : words) {
    const size_t at = end_of(word);
    if (at != std::string::npos) return std::string(text_).insert(at, " " + inserted);
  }
  return {};
}

std::string StatementText::from_words(std::string_view words) const {
  const size_t end = end_of(words);
  return end == std::string::npos ? std::string() : text_.substr(end - words.size());
}

}  // namespace strata::ddl
