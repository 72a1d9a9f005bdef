// The rows of a COPY FROM as a relation that one statement can read: an ephemeral named relation
// whose scan takes each row from the COPY when it asks for it, so that nothing is stored on the way
// and an error in the statement is told with the line it is about.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "commands/copyfrom_internal.h"
#include "executor/execdesc.h"
#include "utils/queryenvironment.h"
#include "utils/tuplestore.h"
}

namespace strata::rewrite::raw {

// Lives as long as the memory context that open_rows was called in.
struct CopyRows {
  CopyFromState state;  // null until begun
  List* attnums;        // the view's columns that the relation shows, in this order
  TupleDesc desc;       // ... and its shape
  Datum* values;        // by column of the view
  bool* nulls;
  Tuplestorestate* store;
  ErrorContextCallback context;
  bool ended;
  bool about_line;  // what happens now is about the line that the state names
};

// Raise-kind, all of them. Makes the relation, named like the view, known to `environment`.
CopyRows* open_rows(Relation view, List* attnums, QueryEnvironment* environment);

// Says where the rows come from. With `defaults`, columns of the relation that the COPY does not
// have show the view's defaults; else they are null.
void begin_rows(CopyRows* rows, CopyFromState state, bool defaults);

// Runs a statement that has been started: its scan of the relation takes the rows from the COPY.
void run_on_rows(CopyRows* rows, QueryDesc* statement);

// Returns the rows that a statement in execution reads.
CopyRows* rows_of(const EState* estate);

// Returns true when the statement reads the rows of a COPY FROM.
bool reads_rows(const QueryDesc* statement);

// Stores all rows, for several statements that read them.
void store_rows(CopyRows* rows);

// Reads what no statement wanted, says what was skipped and ends the COPY.
void end_rows(CopyRows* rows);

}  // namespace strata::rewrite::raw
