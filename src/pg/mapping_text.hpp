// Errors in an author's expression point into that expression, not into the statement that runs.
#pragma once

#include "pg/prelude.hpp"

namespace strata::pg::raw {

// Raise-kind. While it is pushed on error_context_stack, parse errors show `text` and say `what` it
// is. Plain data: push() and pop() stand for constructor and destructor, which a longjmp skips; the
// guard puts the stack back then.
struct MappingText {
  const char* text;
  const char* what;
  ErrorContextCallback callback;

  void push();
  void pop() const;
};

}  // namespace strata::pg::raw
