// What even a suspended upkeep does for pg_restore --clean.
//
// Inverse views that were made after the dump are not in it, so nothing in it drops them; they
// would block the drop of the version view they are over, and with it of everything below. A user
// cannot know of them, so they make way by themselves.
#pragma once

#include "pg/guard.hpp"

namespace strata::upkeep {

// Returns true when `make_way` may have something to do for this node.
bool makes_way_for(const Node* tree);

// Drops the inverse views over the views that the statement is about to drop.
void make_way(Node* tree);

}  // namespace strata::upkeep
