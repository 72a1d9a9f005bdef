// What a DROP would take along: a walk of the dependency graph before anything is locked.
//
// Called by the DDL path for every statement that drops something. The walk follows what core's
// performDeletion follows (src/backend/catalog/dependency.c, findDependentObjects): automatic,
// internal, partition and extension dependencies always, normal ones only with CASCADE; and from
// each object reached to the object it is an internal part of, because dropping a part drops its
// owner (a generated column goes with its expression). It stops at version views.
#pragma once

#include "catalog/registry.hpp"
#include "pg/depend.hpp"

namespace strata::ddl {

// A version view that the drop would break.
struct Hit {
  enum class What {
    kRelation,  // the base relation as a whole goes
    kColumn,    // base column `attnum` goes
    kContract,  // something the contract itself is made of goes: a type, a function of a mapping
    kDefault,   // something the default of the view's column `attnum` calls goes, often a sequence
    kItself,    // the version view or its schema goes
  } what;
  Oid view;
  AttrNumber attnum = 0;
  pg::Object cause;  // what goes
};

// What dropping something takes along.
struct Closure {
  std::vector<Hit> hits;    // by view, without duplicates
  std::set<Oid> relations;  // read by versions; they or parts of them go, so the drop locks them
};

Closure drop_closure(const catalog::Registry& registry, const std::vector<pg::Object>& roots,
                     bool cascade);

// Returns the hits alone.
std::vector<Hit> drop_hits(const catalog::Registry& registry, const std::vector<pg::Object>& roots,
                           bool cascade);

}  // namespace strata::ddl
