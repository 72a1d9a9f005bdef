// Passing typed functions to the server's tree walkers, whose headers declare them without
// parameters.
#pragma once

#include "pg/prelude.hpp"

namespace strata::pg::raw {

// The way by void (*)() is the one that compilers accept as "any function".
template <class Context>
auto as_walker(bool (*function)(Node*, Context*)) {
  return reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(function));
}

template <class Context>
auto as_mutator(Node* (*function)(Node*, Context*)) {
  return reinterpret_cast<Node* (*)()>(reinterpret_cast<void (*)()>(function));
}

}  // namespace strata::pg::raw
