// Statements that a write through a version view makes of its own: on the view itself, so that they
// are rewritten like any other and the mapping exists once.
//
// The caller's rights on the view are not checked again: the server did that before it asked for
// the write, and for the role that counts, which need not be the current one (the owner of a rule
// or of another view). Rights on the base are checked as always.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "lib/stringinfo.h"
}

namespace strata::rewrite::raw {

// Text with the values of a row as parameters.
struct OwnStatement {
  Relation view;
  StringInfoData text;
  ParamListInfo values;
};

// What is kept from row to row of one statement of the user's.
struct OwnPlans {
  MemoryContext context;
  List* plans;
};

// Raise-kind, all of them. Starts a statement with room for `values` parameters.
OwnStatement start_statement(Relation view, int values);

// Returns the view's name as statements need it.
const char* name_of(Relation view);

// Returns the column's name, quoted where it has to be.
const char* column_name(Relation view, int column);

// Adds the row's value of the column as a parameter, and the text that stands for it.
void add_value(OwnStatement* statement, HeapTuple row, int column);

// Runs the statement. Returns the number of rows it touched or returned; `first` gets the first row
// it returned, in the current memory context, if there is one.
uint64 run(OwnStatement* statement, OwnPlans* plans, HeapTuple* first);

}  // namespace strata::rewrite::raw
