// What the functions by which an author says how versions read and write share.
//
// Called by replace_column.cpp and column_rules.cpp.
#pragma once

#include "catalog/registry.hpp"
#include "pg/relation.hpp"

namespace strata::mapping {

// A base column that an author names, checked: the caller owns the table, and the column exists. It
// locks nothing.
struct Subject {
  Oid relation = InvalidOid;
  AttrNumber attnum = 0;
  std::string column;
  pg::Attribute attribute;
};

// Raises 42809 unless the relation is a base relation, 42501 unless the caller owns it, 42703 when
// the column does not exist.
Subject require_subject(Oid relation, const std::string& column);

// Raises 42501 when somebody who may read the view's columns at `positions` may not read the base
// columns `reads`.
void require_readable(const catalog::VersionView& view, const std::set<int>& positions,
                      const std::vector<AttrNumber>& reads);

// Raises 42501 when somebody who may insert into or update the view's columns at `positions` may
// not do so with the base columns `writes`.
void require_writable(const catalog::VersionView& view, const std::set<int>& positions,
                      const std::vector<AttrNumber>& writes);

}  // namespace strata::mapping
