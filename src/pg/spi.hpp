// SQL from C++: one connection scope, typed arguments, text results.
//
// Scope: backend, nested in the caller's transaction. Used by the SQL functions (publish, verify,
// ...), never on the path of a DDL statement that needs nothing done. Statements passed here are
// our own text: every name in them is schema-qualified or quoted with quote(), values are
// arguments.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// An argument of a statement; null when default-constructed with a type.
struct SqlArg {
  Oid type;
  Datum value;
  bool null;

  static SqlArg text(std::string_view value);
  static SqlArg text_or_null(const std::optional<std::string>& value);
  static SqlArg texts(const std::vector<std::string>& values);
  static SqlArg oids(const std::vector<Oid>& values);
  static SqlArg int8s(const std::vector<int64_t>& values);
  static SqlArg name(std::string_view value);
  static SqlArg name_or_null(const std::optional<std::string>& value);
  static SqlArg oid(Oid value);
  static SqlArg int8(int64_t value);
  static SqlArg int4(int32_t value);
  static SqlArg boolean(bool value);
};

using SqlRow = std::vector<std::optional<std::string>>;

// A connection to SPI. On an exception it is left to the (sub)transaction's abort to close it.
class Spi {
 public:
  Spi();
  ~Spi();
  Spi(const Spi&) = delete;
  Spi& operator=(const Spi&) = delete;

  // Runs a statement and returns its rows as text. Raises whatever the statement raises.
  std::vector<SqlRow> query(const std::string& sql, const std::vector<SqlArg>& args = {});

  // The same for a query that reads what is committed now, and what this transaction has done, also
  // where the transaction's snapshot is older.
  std::vector<SqlRow> query_now(const std::string& sql, const std::vector<SqlArg>& args = {});

  // Runs a statement and returns the number of rows it touched.
  uint64_t run(const std::string& sql, const std::vector<SqlArg>& args = {});

 private:
  int exceptions_;
};

// Returns the identifier quoted as SQL needs it (quote_ident).
std::string quote(std::string_view identifier);

// Returns the text as an SQL string literal.
std::string quote_literal(std::string_view text);

// Returns the Oid in a text cell; InvalidOid for null.
Oid to_oid(const std::optional<std::string>& cell);

}  // namespace strata::pg
