// strata.view_columns: how a version view computes each column now; strata.contract joins it to the
// frozen contract.
#include "catalog/registry.hpp"
#include "mapping/inverse.hpp"
#include "model/json.hpp"
#include "pg/expression.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_tree.hpp"

namespace strata::version {
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
std::string write_as(AttrNumber position, const std::map<std::string, mapping::Write>& writes) {
  std::map<std::string, std::string> own;
  for (const auto& [target, write] : writes)
    if (std::find(write.reads.begin(), write.reads.end(), position) != write.reads.end())
      own[target] = write.expression;
  return model::json_object(own);
}

const catalog::VersionView* view_with_id(int64_t relation_id) {
  for (const auto& [oid, view] : catalog::registry().views())
    if (view.relation_id == relation_id) return &view;
  return nullptr;
}

}  // namespace

STRATA_FUNCTION(view_columns) {
  pg::ResultSet result(args);
  const catalog::VersionView* found = view_with_id(DatumGetInt64(args.info()->args[0].value));
  if (found == nullptr || pg::relation_kind(found->view) != RELKIND_VIEW) return Datum{0};
  const catalog::VersionView view = *found;
  const pg::PinnedSearchPath path;
  const auto columns = pg::view_columns(view.view, view.base);
  // A copied view reads the version's own views, several of them perhaps: its columns have no
  // expression over one base relation.
  const bool copy = view.kind == catalog::Kind::kView;
  std::vector<std::string> expressions;
  if (!copy) expressions = pg::view_expressions(view.view, view.base);
  const auto writes = mapping::write_expressions(view);
  for (size_t i = 0; i < columns.size(); i++) {
    const pg::ViewColumn& column = columns[i];
    const std::string base_column = pg::attribute_name(view.base, column.base_column);
    std::string reads = "{";
    for (const AttrNumber attnum : column.reads)
      reads +=
          (reads.size() > 1 ? "," : "") + model::json_string(pg::attribute_name(view.base, attnum));
    result.add({fmt::format("{}", i + 1), copy ? "direct" : kind_of(column, base_column),
                copy ? std::nullopt : std::make_optional(expressions[i]),
                write_as(static_cast<AttrNumber>(i + 1), writes),
                column.how == How::kDirect || copy ? "true" : "false", reads + "}"});
  }
  return Datum{0};
}

}  // namespace strata::version
