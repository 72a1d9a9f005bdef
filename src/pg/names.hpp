// Names and OIDs: looking objects up, and showing them in messages.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns InvalidOid when there is no such schema.
Oid schema_oid(const std::string& name);

// Returns the schema's name; empty when it is gone.
std::string schema_name(Oid schema);

// Returns the owner of the schema; InvalidOid when it is gone.
Oid schema_owner(Oid schema);

// Returns InvalidOid when there is no such relation.
Oid relation_oid(Oid schema, const std::string& name);

// Returns the relation's name; empty when it is gone.
std::string relation_name(Oid relation);

// Returns the schema a relation is in; InvalidOid when it is gone.
Oid relation_schema(Oid relation);

// Returns schema.relation, quoted where needed; "relation <oid>" when it is gone.
std::string relation_display(Oid relation);

// Returns the quoted name of the schema a relation is in.
std::string quote_schema_of(Oid relation);

// Returns the type's SQL name as format_type does.
std::string type_display(Oid type, int32_t typmod);

// Returns the role's name; empty when it is gone.
std::string role_name(Oid role);

// Returns the text, or as much of it as has at most `room` bytes and does not end inside a
// character.
std::string clipped(std::string text, size_t room);

}  // namespace strata::pg
