// The stored query of a view: taking a copy, finding the base in it, storing it again. Raise-kind.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg::raw {

// Returns a copy of the view's query, with the OLD/NEW entries the server keeps in it.
Query* copy_of_view_query(Relation view);

// Returns the range table index of `base` in the query, 0 when it is not there. Never assume a
// number: 15 stores two entries for the view itself in front, 16 and later one.
Index find_varno(Query* query, Oid base);

// The same; raises XX000 when it is not there.
Index varno_of(Query* query, Oid base);

// Stores the query as the view's rule, as the view's owner, after setting for the entry of `base`
// which columns are read: those bits are what column privileges are checked by. Target entries that
// are plain columns get their origin recorded, others lose it.
void store_query(Relation view, Query* query, Oid base);

// Stores the query as the view's rule, as the view's owner, as it is.
void store_rule(Relation view, Query* query);

// Stores a freshly analyzed query as the view's, as the view's owner.
void store_new_query(Relation view, Query* query);

// Parses, analyzes and stores SELECT text as the view's query, as the view's owner. The caller
// holds an AccessExclusiveLock on the view.
void store_text(Oid view, const char* select);

}  // namespace strata::pg::raw

namespace strata::pg {

// Throw-kind form of raw::store_text, with search_path pinned: names in `select` are qualified.
void store_view_text(Oid view, const std::string& select);

}  // namespace strata::pg
