// Owns: listing mappings (see listing.hpp).
#include "mapping/listing.hpp"

#include "mapping/inverse.hpp"
#include "model/json.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/view_columns.hpp"
#include "pg/view_copy.hpp"

namespace strata::mapping {
namespace {

using How = pg::ViewColumn::How;

const char* kind_of(const pg::ViewColumn& column, const std::string& base_column) {
  switch (column.how) {
    case How::kDirect:
      return column.name == base_column ? "direct" : "renamed";
    case How::kConstant:
      return "constant";
    default:
      return "computed";
  }
}

// Writes the base columns that a write to column `position` of the view assigns, as {"base column":
// "expression"}.
std::string write_as(AttrNumber position, const std::map<std::string, Write>& writes) {
  std::map<std::string, std::string> own;
  for (const auto& [target, write] : writes)
    if (std::find(write.reads.begin(), write.reads.end(), position) != write.reads.end())
      own[target] = write.expression;
  return model::json_object(own);
}

}  // namespace

Oid base_read(const catalog::VersionView& view) {
  if (!OidIsValid(view.base)) return InvalidOid;
  const auto read = pg::relations_read(view.view);
  return std::find(read.begin(), read.end(), view.base) == read.end() ? InvalidOid : view.base;
}

std::map<AttrNumber, ListedColumn> list_columns(const catalog::VersionView& listed,
                                                const Wanted& wanted) {
  std::map<AttrNumber, ListedColumn> out;
  if (pg::relation_kind(listed.view) != RELKIND_VIEW) return out;
  catalog::VersionView view = listed;
  const pg::PinnedSearchPath path;
  auto columns = pg::view_columns_as_text(view.view, view.base);
  if (columns.empty() && OidIsValid(view.base)) {
    view.base = base_read(view);
    columns = pg::view_columns_as_text(view.view, view.base);
  }
  // A copied view reads the version's own views, several of them perhaps: its columns have no
  // expression over one base relation.
  const bool copy = view.kind == catalog::Kind::kView;
  for (size_t i = 0; i < columns.size(); i++) {
    pg::ViewColumn& column = columns[i];
    const auto position = static_cast<AttrNumber>(i + 1);
    if (wanted && !wanted(position, column)) {
      column.base_column = 0;  // how it is written is not wanted either
      continue;
    }
    ListedColumn& one = out[position];
    one.name = column.name;
    one.kind = copy ? "direct" : kind_of(column, pg::attribute_name(view.base, column.base_column));
    if (!copy && !column.expression.empty()) one.read_as = column.expression;
    for (const AttrNumber attnum : column.reads)
      one.reads.push_back(pg::attribute_name(view.base, attnum));
  }
  if (out.empty()) return out;
  const auto writes = write_expressions(view, columns);
  for (auto& [position, column] : out)
    column.write_as = write_as(position, writes);
  return out;
}

}  // namespace strata::mapping
