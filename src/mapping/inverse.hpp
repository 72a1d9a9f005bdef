// The write direction of mappings: inverse views.
//
// The inverse view of a version view is a view over it in schema strata_inverse with one output per
// base column that needs more than a cast: output c<n> computes, from the version's columns, what a
// write stores in the base column numbered n (strata.base_column). PostgreSQL so does the parsing,
// typing, dependencies and dump of what would else be text.
#pragma once

#include "catalog/registry.hpp"
#include "catalog/type_changes.hpp"
#include "pg/view_columns.hpp"

namespace strata::mapping {

// Expressions over a version view's columns, by base column number.
using Outputs = std::map<int32_t, std::string>;

// Returns the outputs of the view's inverse view; none when it has no inverse view.
Outputs outputs(const catalog::VersionView& view);

// Replaces the inverse view; no outputs: there is none any more.
void store_outputs(const catalog::VersionView& view, const Outputs& outputs);

// What a write through a version view stores in a base column.
struct Write {
  std::string expression;         // over the view's columns
  std::vector<AttrNumber> reads;  // which of the view's columns
};

// Returns, by name, every base column that a write through the view can reach: outputs of the
// inverse view, else the column that shows it, cast back.
std::map<std::string, Write> write_expressions(const catalog::VersionView& view);

// The same, for who has the view's columns already.
std::map<std::string, Write> write_expressions(const catalog::VersionView& view,
                                               const std::vector<pg::ViewColumn>& shown);

// Composes the write direction of a type change into the view, once the column has its new type:
// `before`, what was stored in it, goes through write_as.
void write_through_type_change(Oid view, AttrNumber attnum, const catalog::TypeChange& change,
                               const std::string& before);

// Casts what the inverse view stores in the column, if anything, from its old type to the new one;
// or stores nothing any more, when the view reads the column by a cast.
void cast_output(Oid view, AttrNumber attnum, Oid old_type);

// Composes the write direction of a replaced column into the view: what was stored in `column`
// becomes what `write_as` makes of it, for each target column.
void write_through_replacement(const catalog::VersionView& view, const std::string& column,
                               const std::map<std::string, std::string>& write_as);

// Takes from the inverse views over `base` the outputs for columns that the base has no more, with
// a NOTICE: a mapping that writes to nowhere would make every write through its version fail.
void forget_lost_outputs(Oid base);

}  // namespace strata::mapping
