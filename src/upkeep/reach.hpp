// What INSERTs through a version view may leave out of the base table.
//
// Called by the checks of insertability: insertability.cpp, domains.cpp, swap.cpp.
#pragma once

#include "catalog/relations.hpp"
#include "mapping/inverse.hpp"
#include "pg/relation.hpp"

namespace strata::upkeep {

// Why an INSERT that leaves a column out fails, as it goes on after "Column ... of ...".
constexpr const char* kNotNull = "is NOT NULL without a default";
constexpr const char* kKnownCheck = "must satisfy a CHECK constraint that leaving it out violates";
constexpr const char* kCheck = "must satisfy a new CHECK constraint that leaving it out violates";

class Reach {
 public:
  explicit Reach(const catalog::VersionView& view);

  // Returns true when what strata.fill_column() says of the column is stored by inserts through the
  // view: it does not show the column.
  bool may_fill(const std::string& column) const;

  // Returns true when some client may leave the base column out, and nothing fills it then.
  bool may_leave_out(const std::string& column) const;

  // Returns those of `columns` that may be left out.
  std::set<AttrNumber> left_out(const std::map<AttrNumber, pg::Attribute>& columns) const;

  // Raise ST004 for a column of the base or of a partition of it, or of a relation that is to take
  // the base's place.
  [[noreturn]] void refuse(const std::string& column, const char* why, bool is_new,
                           Oid partition = InvalidOid) const;
  [[noreturn]] void refuse_taker(Oid to, const std::string& column, const char* why) const;

 private:
  std::string remedy(Oid table, const std::string& column, bool is_new) const;

  const catalog::VersionView view_;
  std::set<std::string> shown_;  // base columns it shows as they are or cast: no fill gets there
  const std::map<std::string, mapping::Write> writes_;
  const std::vector<catalog::ContractColumn> contract_;
};

// Returns the version views of the relation that clients insert through; by value, because what
// they are asked runs SQL.
std::vector<catalog::VersionView> views_with_inserts(Oid relation);

// Raises ST004 when inserts through the view, which work now, would fail once it reads `to`.
void require_insertable_in(const catalog::VersionView& view, Oid to);

}  // namespace strata::upkeep
