// Facts about every kind of utility statement, for the guard: what it locks, rewrites, reads, drops
// and breaks, before anything runs and without any lock on a relation of users.
//
// ddl/statement says what the upkeep of versions must know; this says what a judge must know, of
// statements that the upkeep has no business with too. Names that do not resolve are left out: the
// server reports them better.
#pragma once

#include "ddl/foreseen.hpp"
#include "model/facts.hpp"

namespace strata::ddl {

// Returns the facts of a utility statement, its parse tree as the parser leaves it. `foreseen`:
// what earlier statements of the same text would have made; null when they have run.
model::StatementFacts facts_of(Node* tree, const Foreseen* foreseen = nullptr);

}  // namespace strata::ddl
