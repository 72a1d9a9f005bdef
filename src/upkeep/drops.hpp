// What DDL takes from live versions: refused, or followed where the base schema says on_break =
// follow.
//
// Called before the statement (ddl_path.cpp).
#pragma once

#include "catalog/registry.hpp"
#include "ddl/closure.hpp"
#include "ddl/statement.hpp"

namespace strata::upkeep {

// Raises ST004 (ST009 for version objects themselves) when a hit breaks a version that does not
// follow. Types that can be adopted, and partitions, are let through.
void refuse_drops(const catalog::Registry& registry, const ddl::Statement& statement,
                  const std::vector<ddl::Hit>& hits);

// Raises ST004 for a renamed enum label or a changed composite type that a contract shows.
void refuse_altered_types(const catalog::Registry& registry, const ddl::Statement& statement);

// Makes the versions let go of what the statement is about to drop, with a NOTICE for each.
void follow_drops(const std::vector<ddl::Hit>& hits);

}  // namespace strata::upkeep
