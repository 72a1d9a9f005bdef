// Carrying a view's query over to other relations: how a base view becomes a version's own view.
//
// Called by publish (version/view_copies.cpp) and, for shapes, by upkeep/drops.cpp.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns the relations a view's query reads, also in subqueries and CTEs, without duplicates.
std::vector<Oid> relations_read(Oid view);

// Returns what is wrong with the view's query by the catalogs of now, or an empty string: it reads
// a relation or a column that is gone, or one of another type than it takes it for. Runs nothing of
// the query: it may call functions that are not the caller's.
std::string fault_of(Oid view);

// Returns why the view's query cannot be carried over to views of the same columns, or an empty
// string when it can: it reads system columns or whole rows of `relations`, samples them, says
// ONLY, or groups by a primary key, or the view has triggers or rules, which a copy would lack.
std::string obstacle_to_copy(Oid view, const std::set<Oid>& relations);

// Returns a SELECT of typed NULLs with the columns of `view`: a view made from it has the same
// names, types and collations.
std::string shape_of(Oid view);

// Stores in `copy` (made from shape_of) the query of `original`, with every relation in `relations`
// replaced by its value; columns are matched by name. Ask obstacle_to_copy first.
void copy_view_query(Oid original, Oid copy, const std::map<Oid, Oid>& relations);

}  // namespace strata::pg
