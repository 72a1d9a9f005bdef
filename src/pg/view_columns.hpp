// What the columns of a version view do: read from its stored query.
//
// A version view that reads a base relation is one SELECT over exactly that relation, so every
// expression of it is a target entry over Vars of one range table entry.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// How a version view computes a column.
struct ViewColumn {
  enum class How { kDirect, kCast, kExpression, kConstant };
  std::string name;
  Oid type = InvalidOid;
  int32_t typmod = -1;
  How how = How::kConstant;
  AttrNumber base_column = 0;     // the base column of kDirect and kCast; else 0
  std::vector<AttrNumber> reads;  // all base columns it reads
  std::string expression;         // as SQL, where asked for; empty: it reads columns of no base
};

// Returns the columns of `view` in order. `base` is the relation it reads; InvalidOid: none is
// left.
std::vector<ViewColumn> view_columns(Oid view, Oid base);

// The same, with expressions.
std::vector<ViewColumn> view_columns_as_text(Oid view, Oid base);

// Returns the expression of each column of the view as SQL, in order; empty where it reads columns
// and `base` is InvalidOid.
std::vector<std::string> view_expressions(Oid view, Oid base);

// Returns true when the view reads the column `attnum` of `base`.
bool view_reads(Oid view, Oid base, AttrNumber attnum);

}  // namespace strata::pg
