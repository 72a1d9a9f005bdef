// Statements as parsed, with every name replaced by what it means: two of them are the same when
// their trees are equal. Whitespace, comments and spelling fall away with parsing, search_path with
// the names.
//
// Where a name is left to search_path (in expressions that more than one function or operator may
// serve, in statements whose names are not looked up), the statement is bound to the path: it is
// the same under the same path only.
#pragma once

#include "pg/depend.hpp"

namespace strata::guard {

struct Canonical {
  Node* tree = nullptr;            // to be compared, not to be run
  std::vector<std::string> names;  // what the names mean, in order
  bool path_bound = false;
  std::vector<Oid> relations;       // that it names and that are there
  std::vector<pg::Object> objects;  // others
  bool by_session = false;          // means another role when another one runs it
  bool cascade = false;             // takes along what depends on them
};

// Looks the names of a utility statement up. Raises what look-ups raise: a schema that the current
// user may not use.
Canonical canonical(const Node* statement);

// The same with what the names meant when canonical() saw a statement of the same text.
Node* canonical_with(const Node* statement, const std::vector<std::string>& names);

// Returns true when the trees are of the same statement.
bool same_statement(const Node* a, const Node* b);

// Returns the schemas names are looked up in now, as SET search_path takes them.
std::string effective_path();

}  // namespace strata::guard
