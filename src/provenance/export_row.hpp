// The row an entry of the chain names, for exports.
#pragma once

#include "provenance/entry_scan.hpp"

#include <map>

namespace strata::provenance {

using Fields = std::map<std::string, std::string>;

struct ExportRow {
  Fields fields;  // the columns that are not NULL, as they were hashed
  // When what it is about began and ended, as the server's clock has it.
  std::optional<int64_t> began;
  std::optional<int64_t> ended;
};

// Returns no value when the row is gone.
std::optional<ExportRow> row_of(const std::string& table, int64_t id, const pg::Moment& moment);

// The first of the columns that has a value; empty: none has.
std::string value_of(const Fields& row, std::initializer_list<const char*> names);

}  // namespace strata::provenance
