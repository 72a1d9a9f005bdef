// The canonical bytes of a row, and their digest: the same on every server, in every encoding and
// under all settings.
//
// Scope: as long as the relation is not changed.
#pragma once

#include "model/canonical.hpp"
#include "pg/guard.hpp"
#include "pg/sha256.hpp"

extern "C" {
#include "fmgr.h"
}

namespace strata::pg {

// The columns of a table in the order in which they are hashed.
class RowForm {
 public:
  // `parent`: the memory context it lives in.
  explicit RowForm(TupleDesc desc, MemoryContext parent = CurrentMemoryContext);
  ~RowForm();
  RowForm(const RowForm&) = delete;
  RowForm& operator=(const RowForm&) = delete;

  // Puts the canonical bytes of the row in place of `out`. Numbers and booleans are as SQL writes
  // them, times as model::iso_time, bytea in hexadecimal, text as it is, others by their output
  // function.
  void bytes(std::string& out, const Datum* values, const bool* nulls);

  // The columns that are not NULL, as text of the same form but in the database's encoding, in the
  // order of the names.
  std::vector<std::pair<std::string, std::string>> fields(const Datum* values, const bool* nulls);

 private:
  // From kName on the value's bytes are the text.
  enum class Form {
    kBool,
    kInt2,
    kInt4,
    kInt8,
    kTime,
    kInterval,
    kBytes,
    kName,
    kText,
    kArray,
    kOther
  };
  struct Column {
    std::string name;
    std::string part;  // the name as a part
    int index;
    Form form;
    Oid type;          // of kArray and kOther
    FmgrInfo* output;  // of these, once it was wanted
  };
  struct View {
    const char* data;
    size_t size;
  };
  FmgrInfo* output_of(Column& column);
  // The value's bytes where it has some; raises in the server's way, called inside pg::call.
  View raw_view(Column& column, Datum value, bool as_utf8);
  // The value as text in `out`.
  static void append_value(std::string& out, const Column& column, Datum value, View view);
  void look(const Datum* values, const bool* nulls, bool as_utf8);

  std::vector<Column> columns_;
  std::vector<View> views_;
  std::string value_;
  MemoryContext context_;
  MemoryContext scratch_;  // of one row; in the other
};

}  // namespace strata::pg
