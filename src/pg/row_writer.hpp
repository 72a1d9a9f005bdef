// Writing rows of tables of ours without SQL: no triggers, no privileges, no search_path, and no
// snapshot that an isolation level would hold against us.
//
// Scope: the transaction. Nothing is written where the table does not exist.
#pragma once

#include "pg/row_digest.hpp"
#include "pg/spi.hpp"

namespace strata::pg {

struct NamedValue {
  const char* column;
  SqlArg value;  // text is read as the column's type where that is another one
};

struct WrittenRow {
  int64_t id = 0;  // the first column
  model::Digest digest{};
};

// Inserts a row into strata.`table`; columns that are not named are NULL. Where the first column is
// not named, the next number of its sequence is taken. Raises 42P01 when there is no such table.
WrittenRow write_row(const std::string& table, const std::vector<NamedValue>& values);

// Inserts without making a digest.
void write_plain_row(const std::string& table, const std::vector<NamedValue>& values);

// Returns the next number of the sequence of the table's first column.
int64_t next_number(const std::string& table);

// Returns bytes as an argument.
SqlArg bytes_arg(std::string_view bytes);
SqlArg bytes_arg(const model::Digest& digest);

// Returns a time, and an interval of microseconds, as arguments.
SqlArg time_arg(int64_t at);
SqlArg interval_arg(const std::optional<int64_t>& microseconds);

// A snapshot for what is done outside of a statement: at the end of a transaction.
class EnsuredSnapshot {
 public:
  EnsuredSnapshot();
  ~EnsuredSnapshot();
  EnsuredSnapshot(const EnsuredSnapshot&) = delete;
  EnsuredSnapshot& operator=(const EnsuredSnapshot&) = delete;

 private:
  bool pushed_;
  int exceptions_;
};

}  // namespace strata::pg
