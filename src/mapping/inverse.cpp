// Owns: reading and rebuilding inverse views (see inverse.hpp).
#include "mapping/inverse.hpp"

#include "catalog/base_columns.hpp"
#include "catalog/relations.hpp"
#include "pg/expression.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_tree.hpp"

namespace strata::mapping {
namespace {

std::string inverse_name(const catalog::VersionView& view) {
  return fmt::format("inverse_{}", view.relation_id);
}

}  // namespace

Outputs outputs(const catalog::VersionView& view) {
  Outputs out;
  if (!OidIsValid(view.inverse) || pg::relation_kind(view.inverse) == '\0') return out;
  const pg::PinnedSearchPath path;
  const auto columns = pg::view_columns(view.inverse, view.view);
  const auto expressions = pg::view_expressions(view.inverse, view.view);
  for (size_t i = 0; i < columns.size(); i++)
    out[std::stoi(columns[i].name.substr(1))] = expressions[i];
  return out;
}

void store_outputs(const catalog::VersionView& view, const Outputs& outputs) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::InternalDdl internal;
  pg::Spi spi;
  const std::string name = inverse_name(view);
  if (OidIsValid(view.inverse)) spi.run("DROP VIEW IF EXISTS strata_inverse." + name);
  if (outputs.empty()) return catalog::set_inverse(view.relation_id, InvalidOid);
  std::string columns;
  for (const auto& [number, expression] : outputs)
    columns += fmt::format("{}{} AS c{}", columns.empty() ? "" : ", ", expression, number);
  spi.run(fmt::format("CREATE VIEW strata_inverse.{} AS SELECT {} FROM {}", name, columns,
                      pg::relation_display(view.view)));
  catalog::set_inverse(view.relation_id, pg::relation_oid(pg::schema_oid("strata_inverse"), name));
}

std::map<std::string, std::string> write_expressions(const catalog::VersionView& view) {
  std::map<std::string, std::string> out;
  if (!OidIsValid(view.base)) return out;
  const pg::PinnedSearchPath path;
  const auto attributes = pg::attributes(view.base);
  for (const pg::ViewColumn& column : pg::view_columns(view.view, view.base)) {
    const auto shown = attributes.find(column.base_column);
    if (shown == attributes.end()) continue;
    out[shown->second.name] =
        column.how == pg::ViewColumn::How::kDirect
            ? pg::quote(column.name)
            : fmt::format("({})::{}", pg::quote(column.name),
                          pg::type_display(shown->second.type, shown->second.typmod));
  }
  const auto names = catalog::base_columns(view.base);
  for (const auto& [number, expression] : outputs(view)) {
    const auto name = names.find(number);
    if (name != names.end()) out[name->second] = expression;
  }
  return out;
}

void write_through_type_change(Oid view_oid, AttrNumber attnum, const catalog::TypeChange& change) {
  const catalog::VersionView* found = catalog::registry().view(view_oid);
  if (found == nullptr) return;
  const catalog::VersionView view = *found;
  const auto attributes = pg::attributes(view.base);
  const pg::Attribute& now = attributes.at(attnum);
  // Before this change the column was written as the view's own column, or through the inverse
  // view.
  std::string inner;
  Outputs all = outputs(view);
  const int32_t number = catalog::number_base_column(view.base, now.name);
  if (all.count(number) > 0) {
    inner = all[number];
  } else {
    for (const pg::ViewColumn& column : pg::view_columns(view.view, view.base))
      if (std::find(column.reads.begin(), column.reads.end(), attnum) != column.reads.end())
        inner = pg::quote(column.name);
  }
  if (inner.empty()) return;
  all[number] = pg::compose(view.view, view.base, change.column, change.write_as, inner, now.type,
                            now.typmod);
  store_outputs(view, all);
}

void write_through_replacement(const catalog::VersionView& view, const std::string& column,
                               const std::map<std::string, std::string>& write_as) {
  const auto expressions = write_expressions(view);
  const auto inner = expressions.find(column);
  Outputs all = outputs(view);
  all.erase(catalog::number_base_column(view.base, column));
  if (inner != expressions.end()) {
    for (const auto& [target, expression] : write_as) {
      const AttrNumber attnum = pg::attribute_number(view.base, target);
      const pg::Attribute attribute = pg::attributes(view.base).at(attnum);
      all[catalog::number_base_column(view.base, target)] =
          pg::compose(view.view, view.base, column, expression, inner->second, attribute.type,
                      attribute.typmod);
    }
  }
  store_outputs(view, all);
}

}  // namespace strata::mapping
