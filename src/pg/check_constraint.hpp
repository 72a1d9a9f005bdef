// CHECK constraints: which there are, and whether leaving columns out of an INSERT violates one.
//
// Called by the check of insertability.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns the OIDs of the relation's CHECK constraints.
std::set<Oid> check_constraints(Oid relation);

// Returns true when the constraint is certainly false for a row whose columns in `left_out` have
// their default, or NULL, whatever the other columns hold. NULL satisfies a CHECK, as in the
// server.
bool check_fails_without(Oid relation, Oid constraint, const std::set<AttrNumber>& left_out);

// The same for a CHECK that is only proposed, as the parser leaves it. False when it names
// something else than columns in `known`: what it means is then for the server to find out.
bool check_would_fail_without(Oid relation, Node* proposed, const std::set<std::string>& known,
                              const std::set<AttrNumber>& left_out);

// Returns true when no row with NULL in the column gets into the partition: its bounds exclude it.
bool bounds_exclude_null(Oid partition, AttrNumber attnum);

// Returns the first column that a proposed CHECK names; empty when it names none.
std::string proposed_column(Node* proposed);

// Returns the name of a column the constraint is on, or of the constraint when it names none.
std::string constraint_column(Oid constraint);

}  // namespace strata::pg
