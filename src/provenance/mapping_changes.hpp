// How a statement changes what versions read and write.
//
// Scope: one statement.
#pragma once

#include "mapping/listing.hpp"
#include "provenance/entries.hpp"

namespace strata::provenance {

// Which columns of tables a statement may have versions read or write in another way. A look at the
// node, nothing more.
struct Remapped {
  bool any = false;                // it may be some
  std::vector<std::string> named;  // these; empty: it may be all
};
Remapped remapped_by(const Node* tree);

class MappingChanges {
 public:
  // Takes how the columns of the version views over the relation are mapped, before the statement:
  // those that have to do with the named columns of the relation, or all when none is named.
  void watch(Oid relation, const std::vector<std::string>& named);

  // Returns what is different now, as a JSON array of objects with version, relation and column,
  // before and after; nothing when nothing is.
  Text found() const;

 private:
  struct View {
    std::string version;
    std::string relation;
    std::map<AttrNumber, mapping::ListedColumn> columns;
  };
  std::map<Oid, View> views_;
};

}  // namespace strata::provenance
