// The INSERT INTO view SELECT that carries out a COPY into a version view. Raise-kind.
#pragma once

#include "pg/prelude.hpp"

namespace strata::rewrite::raw {

// What is copied, by the view's columns.
struct Columns {
  List* listed;    // those that the data has
  List* shown;     // those that the condition may name: all, where there is one
  List* inserted;  // the listed ones and those whose default the condition may have seen
};

// The INSERT and what it becomes.
struct Insertion {
  const char* text;
  QueryEnvironment* environment;
  List* queries;
};

// Returns the rewritten INSERT of a COPY whose rows are in `environment` under the view's name.
// Raises what INSERT raises.
Insertion prepare_insertion(const PlannedStmt* planned, const char* text, Relation view,
                            const Columns* columns, QueryEnvironment* environment);

// Plans one of its queries and starts it, under a snapshot of its own.
QueryDesc* start_insertion(Query* query, const Insertion* insertion);

// Ends it. Returns the number of rows that the COPY reports.
uint64 finish_insertion(QueryDesc* desc);

}  // namespace strata::rewrite::raw
