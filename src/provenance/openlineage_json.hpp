// The parts of OpenLineage events (https://openlineage.io/spec/2-0-2/OpenLineage.json), as text.
#pragma once

#include "model/canonical.hpp"
#include "model/column_lineage.hpp"

#include <set>
#include <string>
#include <vector>

namespace strata::provenance {

// What datasets are named by: OpenLineage has namespace and database.schema.table.
struct Place {
  std::string name_space;
  std::string database;

  std::string dataset(const std::string& schema, const std::string& relation) const;
};

// Where a column comes from.
struct InputField {
  std::string dataset;
  std::string field;
  std::string transformation;  // empty: it is that field, unchanged
};

struct LineageField {
  std::string name;
  std::vector<InputField> inputs;
};

struct OutputDataset {
  std::string name;
  std::string lifecycle;  // CREATE, ALTER, ...; empty: does not change itself
  std::string previous;   // the name it had, under RENAME
  std::vector<model::BaseRelation::Column> schema;
  std::vector<LineageField> lineage;
};

// Returns a UUID (RFC 9562, version 8) that is the same whenever the same row is exported.
std::string run_id(const model::ChainEntry& entry, const std::string& source, int64_t ref);

std::string column_lineage(const Place& place, const std::vector<LineageField>& fields);

// Facets; `members` are those a facet has besides its own description.
std::string facet(const char* version, const char* schema, const std::string& members);
std::string own_facet(const std::string& members);

// Members of an event: what it read and wrote.
std::string datasets(const Place& place, const std::vector<OutputDataset>& outputs,
                     const std::set<std::string>& inputs);

// What is common to the events of a run.
struct RunEvent {
  std::string run;
  std::string run_facets;  // members
  std::string job;
  std::string sql;      // empty: no statement
  std::string outcome;  // COMPLETE or FAIL
  int64_t began = 0;
  int64_t ended = 0;
  std::string datasets;
};

// Returns the START event and the one with the outcome.
std::vector<std::string> events(const Place& place, const RunEvent& run);

}  // namespace strata::provenance
