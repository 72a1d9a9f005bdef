// Reading and updating tables of ours without SQL, where SQL would cost too much or change
// semantics.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// The rows of a table, in palloc'd memory of the context that was current.
class TableRows {
 public:
  struct Cell {
    Datum value;
    bool null;
  };

  int count() const { return count_; }
  Oid relid() const { return relid_; }

  // Columns count from 1. The caller knows the type; a name or text of a null cell is empty.
  bool is_null(int row, int column) const { return cell(row, column).null; }
  std::string name(int row, int column) const;
  std::string text(int row, int column) const;
  int64_t int8(int row, int column) const { return DatumGetInt64(cell(row, column).value); }
  Oid oid(int row, int column) const;
  // Of any other type; the cell is not null.
  Datum datum(int row, int column) const { return cell(row, column).value; }

 private:
  friend TableRows read_table(const char* schema, const char* table);
  friend TableRows find_rows(const char* schema, const char* table, const char* index, Oid key);
  friend TableRows find_rows_by_number(const char* schema, const char* table, const char* index,
                                       int64_t key);
  TableRows(Oid relid, int count, int columns, Cell* cells)
      : relid_(relid), count_(count), columns_(columns), cells_(cells) {}
  const Cell& cell(int row, int column) const { return cells_[row * columns_ + column - 1]; }

  Oid relid_ = InvalidOid;
  int count_ = 0;
  int columns_ = 0;
  Cell* cells_ = nullptr;
};

// Reads all rows under the catalog snapshot; no rows when the table does not exist. Not SPI: a
// transaction snapshot taken here would change what LOCK TABLE as the first statement of a
// REPEATABLE READ transaction means. Raises what reading a table raises.
TableRows read_table(const char* schema, const char* table);

// Reads the rows whose first column is `key`, by an index that begins with it; all rows when
// somebody dropped the index.
TableRows find_rows(const char* schema, const char* table, const char* index, Oid key);

// The same where the first column is a bigint.
TableRows find_rows_by_number(const char* schema, const char* table, const char* index,
                              int64_t key);

// In the row of `table` whose first column is `relation` and whose column `column` is the name
// `from`, sets the name to `to`; a row that already has that name is given the name of a dropped
// column, made from the number in the column before. The unique index begins with the relation and
// does not have the name, so that the row keeps its place in it. No row, no table or no index:
// nothing happens.
void update_name(const char* schema, const char* table, const char* index, Oid relation, int column,
                 const std::string& from, const std::string& to);

}  // namespace strata::pg
