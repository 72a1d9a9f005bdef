// SQL text to statements, read the same way in every session.
#pragma once

#include "pg/guard.hpp"

namespace strata::guard {

struct Statement {
  std::string text;  // without the semicolon
  Node* tree;        // as the parser made it
  bool utility;      // the guard sees it: DDL, and calls that it decides on as on DDL
};

// Parses the text. Settings that change how text is read (standard_conforming_strings,
// backslash_quote) are pinned: whoever sets them must not make approved text mean something else.
// Raises the parser's errors.
std::vector<Statement> parse(const std::string& text);

// Returns the command tag of a statement; "strata.retire" of a call that forces it.
std::string command(Node* statement);

}  // namespace strata::guard
