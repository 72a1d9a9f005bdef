// What each column of a version view reads and writes now, as text: for strata.contract, and for
// what is recorded of a statement that changes it.
#pragma once

#include <functional>

#include "catalog/registry.hpp"
#include "pg/view_columns.hpp"

namespace strata::mapping {

struct ListedColumn {
  std::string name;
  std::string kind;                    // direct, renamed, computed, constant
  std::optional<std::string> read_as;  // none: a copied view, or nothing is left to read
  std::string write_as;                // {"base column": "expression"}
  std::vector<std::string> reads;      // base columns
};

using Wanted = std::function<bool(AttrNumber position, const pg::ViewColumn& column)>;

// Returns the columns that are wanted, by position; none when the view is gone.
std::map<AttrNumber, ListedColumn> list_columns(const catalog::VersionView& view,
                                                const Wanted& wanted);

// Returns the base relation of the view, or InvalidOid when the view does not read what the
// registry says (rows edited by hand): strata.verify() reports that, a listing must not fail on it.
Oid base_read(const catalog::VersionView& view);

}  // namespace strata::mapping
