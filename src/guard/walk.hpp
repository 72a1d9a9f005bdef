// The names in a parse tree, each replaced by what it means. Raise-kind: plain data, called inside
// pg::call.
//
// Used by canonical.cpp. statement_names.cpp and visit.cpp know where names are, resolve.cpp what
// they mean.
#pragma once

#include "pg/guard.hpp"

namespace strata::guard::raw {

// One walk over a statement's tree, which it changes: give it a copy.
struct Walk {
  List* names;      // of String: what the names met so far mean, in order
  List* given;      // meanings from an earlier walk over the same text, or NIL with `replays` false
  bool replays;     // takes `given` instead of looking names up
  bool path_bound;  // some name is left to search_path
  List* relations;  // OIDs of relations that are there, without duplicates
  List* objects;    // ObjectAddress * of other objects that are there
  bool cascade;     // takes along what depends on them
  bool by_session;  // names a role by who runs it (CURRENT_USER)
  int queries;      // how many queries the walk is in
};

// A relation; `creates`: one that the statement makes, which goes where new objects go.
void relation(Walk* walk, RangeVar* name, bool creates);

// A type in a definition.
void type(Walk* walk, TypeName* name);

// The function that an expression calls, the operator it uses, its collation.
void function_call(Walk* walk, FuncCall* call);
void used_operator(Walk* walk, List** name);
void collation(Walk* walk, List** name);

// An object of any kind, as DROP, COMMENT and others name it; the slot gets a String.
void object(Walk* walk, ObjectType kind, Node** slot);

// The names of one kind in a list, as relations or as objects.
void objects(Walk* walk, ObjectType kind, List* names);

// All names in a definition or an expression, or in each of a list. A node that is not known binds
// the statement to the search_path. Always returns false, as the server's walkers want it.
bool visit(Node* node, Walk* walk);
void visit_list(List* list, Walk* walk);

// All names in a utility statement.
void statement(Node* node, Walk* walk);

}  // namespace strata::guard::raw
