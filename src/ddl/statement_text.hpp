// The text of one statement, and pieces of it by the locations that the parser notes.
//
// The server cannot write a raw parse tree back as SQL, so what advice repeats of a statement is
// cut from its text.
#pragma once

#include "pg/guard.hpp"

namespace strata::ddl {

class StatementText {
 public:
  // `source` is the whole text, `start` and `length` where the statement is in it; length 0: to the
  // end.
  StatementText(std::string_view source, int start, int length);

  // Returns the statement without what follows its last word.
  std::string all() const { return text_; }

  // Returns the text between two locations in the source; `to` -1: to the end.
  std::string piece(int from, int to) const;

  // Returns the statement with something put at a location, with a blank after it.
  std::string with(int location, const std::string& inserted) const;

  // Returns the statement with something put behind the first of these words; empty when none is
  // there.
  std::string with_after(std::initializer_list<std::string_view> words,
                         const std::string& inserted) const;

  // Returns the text from the first time the words appear; empty when they do not.
  std::string from_words(std::string_view words) const;

 private:
  // Returns where the word ends in the text; npos when it is not there as a word.
  size_t end_of(std::string_view word) const;

  std::string text_;
  int start_;  // of text_ in the source
};

}  // namespace strata::ddl
