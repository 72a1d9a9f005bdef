// strata.view_columns: how a version view computes each column now; strata.contract joins it to the
// frozen contract. strata.count_columns: the same as a number per version, for strata.versions.
#include "catalog/registry.hpp"
#include "mapping/listing.hpp"
#include "model/json.hpp"
#include "pg/function.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_columns.hpp"
#include "rewrite/mapping_build.hpp"

namespace strata::version {
namespace {

using How = pg::ViewColumn::How;

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

}  // namespace

STRATA_FUNCTION(view_columns) {
  pg::ResultSet result(args);
  const catalog::VersionView* found = catalog::registry().view_with_id(args.int8(0));
  if (found == nullptr) return args.none();
  catalog::VersionView view = *found;
  const auto columns = mapping::list_columns(view, {});
  const bool copy = view.kind == catalog::Kind::kView;
  view.base = columns.empty() ? InvalidOid : mapping::base_read(view);
  const std::set<size_t> lossless = copy ? std::set<size_t>() : lossless_columns(view);
  for (const auto& [position, column] : columns) {
    std::string reads = "{";
    for (const std::string& name : column.reads)
      reads += (reads.size() > 1 ? "," : "") + model::json_string(name);
    result.add({fmt::format("{}", position), column.kind, column.read_as, column.write_as,
                copy || lossless.count(static_cast<size_t>(position) - 1) > 0 ? "true" : "false",
                reads + "}"});
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
    for (const pg::ViewColumn& column : pg::view_columns(view.view, mapping::base_read(view)))
      if (column.how == wanted_how || (wanted_how == How::kExpression && column.how == How::kCast))
        count++;
  }
  return Int32GetDatum(count);
}

}  // namespace strata::version
