// SELECT strata.retire('base', 'version', force => true), which is judged, proposed and approved as
// the DROP that it is; other queries are nothing to the guard.
#pragma once

#include "pg/guard.hpp"

namespace strata::ddl {

// Parts of the parse tree.
struct RetireCall {
  const char* base = nullptr;  // as a name or as regnamespace reads it
  const char* version = nullptr;
};

// Returns false for any other tree: also for a call with arguments that are no constants, which
// nobody could approve, and for one that does not force. Raises nothing.
bool read_retire_call(const Node* tree, RetireCall* out) noexcept;

// Returns the schema name in the text, as regnamespace reads it; null when it is none.
const char* schema_named_in(const char* text);

namespace raw {
// The same, raise-kind.
const char* schema_named_in(const char* text);
}  // namespace raw

}  // namespace strata::ddl
