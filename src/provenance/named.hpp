// Which objects a statement is about, besides the relations that its facts name.
//
// Called by the recorder before the statement runs. Objects here are those that have a definition
// of their own (pg/shape.hpp): of a column, an index or a trigger it is the relation.
#pragma once

#include "pg/depend.hpp"

namespace strata::provenance {

// Returns the object in whose definition the object is; an invalid one for what is in none.
pg::Object defined_in(const pg::Object& object);

// Adds what the statement names, or will reach through a schema or a role that it names.
void add_named(Node* tree, std::set<pg::Object>& out);

// Returns true when the statement gives another name to something that definitions of other objects
// may say.
bool changes_names(const Node* tree);

// Adds the objects whose definitions say the names of these.
void add_mentioning(const std::set<pg::Object>& objects, std::set<pg::Object>& out);

}  // namespace strata::provenance
