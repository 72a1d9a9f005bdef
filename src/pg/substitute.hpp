// An expression over a table's columns, parsed anew with other expressions in their place.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "parser/parse_node.h"
}

namespace strata::pg::raw {

// Raise-kind. Returns what the text of `expression`, over `relation` as varno 1, means when the
// column with number i is replacements[i], over the same relation; a null there stands for the
// column as it is now. Operators and functions are chosen afresh: the types may be others than
// those the expression was made for, so that putting trees into it would make calls with wrong
// arguments.
Node* substitute(Node* expression, Oid relation, Node** replacements, int count,
                 ParseExprKind kind);

}  // namespace strata::pg::raw
