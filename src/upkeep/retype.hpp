// ALTER COLUMN ... TYPE under versions: let go of the column before, read it through a mapping
// after.
//
// Called around the statement (ddl_path.cpp).
#pragma once

#include "catalog/registry.hpp"
#include "catalog/type_changes.hpp"
#include "ddl/statement.hpp"
#include "pg/index_shape.hpp"
#include "pg/view_tree.hpp"

namespace strata::upkeep {

// Raises ST004 before anything is locked or rewritten when a version could not read the new type:
// no cast leads back, a cast back may fail, USING does more than cast, or an index could not serve
// it.
void refuse_retypes(const catalog::Registry& registry, const ddl::Statement& statement);

// The views that a statement's type changes touch, from the moment they let go of their columns
// until they read them again.
class Reattachment {
 public:
  Reattachment() = default;

  // Deletes the dependencies of the views' rules on the columns, so that core's ALTER TABLE
  // proceeds; remembers the columns' indexes and drops those kept for older mappings.
  Reattachment(const catalog::Registry& registry, const ddl::Statement& statement);

  // Stores the views' queries with the new columns converted to the contract's types, and makes the
  // indexes that look-ups through the views need.
  void finish();

 private:
  struct Prepared {
    catalog::TypeChange change;
    std::string written;  // what a write through the view stored in the column; empty: none did
  };
  struct View {
    Oid view;
    Oid base;
    std::vector<pg::ColumnEdit> edits;         // columns that it reads
    std::vector<pg::ColumnEdit> only_written;  // columns that only its inverse view names
    std::map<AttrNumber, Prepared> prepared;
  };
  void follow_writes(const View& view, const pg::ColumnEdit& edit);
  void take_indexes();
  static void forget_if_lost(const View& view, pg::ColumnEdit& edit);
  std::vector<pg::IndexShape> indexes_of(Oid relation) const;
  void make_indexes();

  Oid named_ =
      InvalidOid;  // the table the statement names; prepared mappings are registered for it
  std::set<std::string> used_;  // columns whose prepared mapping is used
  std::vector<View> views_;
  std::vector<ddl::Retype> retypes_;
  std::vector<pg::IndexShape> indexes_;
};

}  // namespace strata::upkeep
