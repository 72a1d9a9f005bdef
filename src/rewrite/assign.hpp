// Assignments to a view's columns become assignments to base columns. Raise-kind.
#pragma once

#include "rewrite/write_mapping.hpp"

namespace strata::rewrite::raw {

// Where assignments stand, and what is learnt from them.
struct Assigning {
  Query* query;
  const WriteMapping* mapping;
  Relation view;
  Relation base;
  int varno;           // the base in the query
  bool insert;         // of an INSERT; else of an UPDATE, or of what ON CONFLICT or MERGE update
  bool merge;          // an action of MERGE
  Node** markers;      // by column: true where a row of VALUES says DEFAULT; null: none does
  Bitmapset* written;  // out: base columns the statement itself writes, offset as insertedCols
};

// Takes a target list over the view's columns, with expressions that read the base already, and
// returns the one over base columns. A base column is assigned only if one of its inputs is.
// Raises 0A000 when a column is assigned that cannot be written, or when a volatile value would
// have to be evaluated more than once and cannot be kept; 42601 when two columns of the view
// assign the same base column.
List* assign(Assigning* at, List* targets);

}  // namespace strata::rewrite::raw
