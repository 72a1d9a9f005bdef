// Who may do what with a base schema and its versions.
//
// Called first by every SQL function of version and mapping.
#pragma once

#include "catalog/registry.hpp"

namespace strata::version {

// Raises 42501 unless the current user owns the schema `base` (or is a superuser or a member).
void require_owner_of(Oid base);

// Raises 42501 unless the current user may create schemas in this database: a name that others have
// in their search_path ("$user") is not for everybody to take.
void require_create_schema();

// Raises 42602 for a schema that no search_path can name: "$user" stands there for the schema of
// the current role, also in quotes (recomputeNamespacePath in catalog/namespace.c).
void require_name_for_path(const std::string& schema);

// Returns the tracked base schema; raises ST010 with the call that tracks it.
const catalog::BaseSchema& require_tracked(Oid base);

// Raises 42501 unless the current user owns the relation.
void require_owner_of_relation(Oid relation);

}  // namespace strata::version
