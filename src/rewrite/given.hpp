// What a statement gives to the columns of a view.
#pragma once

#include "rewrite/assign.hpp"

namespace strata::rewrite::raw {

struct Given {
  Node* value;    // what is assigned; null: nothing is, or DEFAULT where the view has none
  List* entries;  // the target entries that assign the column; NIL: the statement does not name it
  bool fallback;  // DEFAULT is asked for and the view has none of its own
};

// Returns what `targets` gives, by column of the view. Entries that are no columns go to `rest`.
Given* given_values(const Assigning* at, List* targets, List** rest);

// Returns NULL of the column's type, which its domain may refuse.
Node* no_value(Relation view, AttrNumber column);

// Makes sure that a volatile value that several base columns need, or one needs more than once, is
// evaluated once per row. What has to be added to the target list goes to `rest`.
void evaluate_once(const Assigning* at, Given* given, List** rest);

}  // namespace strata::rewrite::raw
