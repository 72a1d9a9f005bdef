// An object that goes, as facts name it.
#pragma once

#include "ddl/removed.hpp"
#include "model/facts.hpp"

namespace strata::ddl {

// Returns what is said of every object: its name, its schema, how it goes along, whether it was
// made in this transaction. What it holds and what it is on is left to the caller.
model::DroppedObject described(const Removed& removed);

}  // namespace strata::ddl
