// The digests of all rows of a table, as they are now, by number.
#pragma once

#include "pg/row_scan.hpp"

namespace strata::provenance {

class RowSet {
 public:
  struct Row {
    int64_t id;
    model::Digest digest;
    bool linked;  // an entry of the chain names it
  };

  // Reads the table once, from its first page to its last.
  RowSet(const std::string& table, const pg::Moment& moment, pg::Sha256& hash);

  // Returns null when there is no such row. Quick for rows asked for in about their order.
  Row* find(int64_t id);

  const std::vector<Row>& rows() const { return rows_; }

 private:
  // Where the row is, or would be.
  size_t place_of(int64_t id) const;

  std::vector<Row> rows_;
  size_t next_ = 0;
};

// Returns the tables whose rows belong into the chain: those that we know, and all that have the
// trigger strata.append_only().
std::vector<std::string> linked_tables();

}  // namespace strata::provenance
