// Objects by the names that statements give them.
#pragma once

#include "pg/depend.hpp"

namespace strata::ddl {

// Returns the object; objid is InvalidOid when there is none. Not for relations and their parts:
// it would lock them.
pg::Object object_named(ObjectType type, Node* name);

// Returns true for triggers, rules and policies, which are named after their relation.
bool is_part_type(ObjectType type);

// Returns the relation in such a name; null when it has none.
RangeVar* relation_of_part(Node* name);

// Returns the part of the relation that has the name; objid is InvalidOid when there is none.
pg::Object part_named(ObjectType type, Oid relation, const char* name);

}  // namespace strata::ddl
