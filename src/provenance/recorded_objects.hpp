// What the definitions of a change say of relations with columns.
#pragma once

#include "model/column_lineage.hpp"

namespace strata::provenance {

struct Touched {
  std::optional<model::BaseRelation> before;
  std::optional<model::BaseRelation> after;
};

struct RecordedObjects {
  std::map<uint32_t, Touched> relations;  // tables and views, by number
  std::vector<std::pair<std::string, std::string>> renamed_bases;
};

// Reads both sides as they are recorded; an empty text has none.
RecordedObjects recorded_objects(const std::string& before, const std::string& after);

}  // namespace strata::provenance
