// strata.view_columns: how a version view computes each column now; strata.contract joins it to the
// frozen contract. strata.count_columns: the same as a number per version, for strata.versions.
#include "catalog/registry.hpp"
#include "mapping/inverse.hpp"
#include "model/json.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_columns.hpp"
#include "pg/view_copy.hpp"
#include "rewrite/mapping_build.hpp"

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

// Returns which columns lose nothing, by position; none when the mapping does not resolve, which
// strata.verify() reports and a listing must not fail on.
std::set<size_t> lossless_columns(const catalog::VersionView& view) {
  std::set<size_t> out;
  if (!OidIsValid(view.base)) return out;
  try {
    pg::Subtransaction attempt;
    const rewrite::WriteMapping* mapping = rewrite::build_mapping(view);
    for (size_t i = 0; i < static_cast<size_t>(mapping->columns); i++)
      if (mapping->lossless[i]) out.insert(i);
    attempt.commit();
  } catch (const Error& error) {
    if (error.is_cancel()) throw;
    out.clear();
  }
  return out;
}

// Returns the base relation of the view, or InvalidOid when the view does not read what the
// registry says (rows edited by hand): strata.verify() reports that, a listing must not fail on it.
Oid base_read(const catalog::VersionView& view) {
  if (!OidIsValid(view.base)) return InvalidOid;
  const auto read = pg::relations_read(view.view);
  return std::find(read.begin(), read.end(), view.base) == read.end() ? InvalidOid : view.base;
}

}  // namespace

STRATA_FUNCTION(view_columns) {
  pg::ResultSet result(args);
  const catalog::VersionView* found = catalog::registry().view_with_id(args.int8(0));
  if (found == nullptr || pg::relation_kind(found->view) != RELKIND_VIEW) return args.none();
  catalog::VersionView view = *found;
  view.base = base_read(view);
  const pg::PinnedSearchPath path;
  const auto columns = pg::view_columns(view.view, view.base);
  // A copied view reads the version's own views, several of them perhaps: its columns have no
  // expression over one base relation.
  const bool copy = view.kind == catalog::Kind::kView;
  std::vector<std::string> expressions;
  if (!copy) expressions = pg::view_expressions(view.view, view.base);
  const auto writes = mapping::write_expressions(view);
  const std::set<size_t> lossless = copy ? std::set<size_t>() : lossless_columns(view);
  for (size_t i = 0; i < columns.size(); i++) {
    const pg::ViewColumn& column = columns[i];
    const std::string base_column = pg::attribute_name(view.base, column.base_column);
    std::string reads = "{";
    for (const AttrNumber attnum : column.reads)
      reads +=
          (reads.size() > 1 ? "," : "") + model::json_string(pg::attribute_name(view.base, attnum));
    std::optional<std::string> read_as;
    if (!copy && !expressions[i].empty()) read_as = expressions[i];
    result.add({fmt::format("{}", i + 1), copy ? "direct" : kind_of(column, base_column), read_as,
                write_as(static_cast<AttrNumber>(i + 1), writes),
                copy || lossless.count(i) > 0 ? "true" : "false", reads + "}"});
  }
  return args.none();
}

// The listing of versions counts only: no expressions, no write side, for thousands of views.
STRATA_FUNCTION(count_columns) {
  const int64_t version_id = args.int8(0);
  const How wanted_how = args.text(1) == "constant" ? How::kConstant : How::kExpression;
  std::vector<catalog::VersionView> views;
  for (const auto& [oid, view] : catalog::registry().views())
    if (view.version_id == version_id && view.kind != catalog::Kind::kView &&
        view.kind != catalog::Kind::kTwin)
      views.push_back(view);
  int32_t count = 0;
  for (const catalog::VersionView& view : views) {
    if (pg::relation_kind(view.view) != RELKIND_VIEW) continue;
    for (const pg::ViewColumn& column : pg::view_columns(view.view, base_read(view)))
      if (column.how == wanted_how || (wanted_how == How::kExpression && column.how == How::kCast))
        count++;
  }
  return Int32GetDatum(count);
}

}  // namespace strata::version
