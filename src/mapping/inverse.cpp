// Owns: reading and rebuilding inverse views (see inverse.hpp).
#include "mapping/inverse.hpp"

#include "catalog/base_columns.hpp"
#include "catalog/relations.hpp"
#include "pg/conversion.hpp"
#include "pg/expression.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_columns.hpp"
#include "pg/view_tree.hpp"

extern "C" {
#include "nodes/nodeFuncs.h"
}

namespace strata::mapping {
namespace {

std::string inverse_name(const catalog::VersionView& view) {
  return fmt::format("inverse_{}", view.relation_id);
}

std::string output_name(int32_t number) {
  return fmt::format("c{}", number);
}

// Parses the outputs as what the base columns store. With the rights of the table's owner, who may
// be another role than the view's: an author wrote the text, and the parser calls functions for
// some constants.
std::vector<Node*> parse_outputs(const catalog::VersionView& view, const Outputs& outputs) {
  const auto names = catalog::base_columns(view.base);
  const auto attributes = pg::attributes(view.base);
  const pg::ActAs owner(pg::relation_owner(view.base), pg::ActAs::Restricted{});
  std::vector<Node*> out;
  for (const auto& [number, text] : outputs) {
    const auto name = names.find(number);
    const auto stored = attributes.find(
        name == names.end() ? AttrNumber{0} : pg::attribute_number(view.base, name->second));
    const bool gone = stored == attributes.end();
    out.push_back(pg::parse_stored_expression(
        view.view, text, gone ? InvalidOid : stored->second.type, gone ? -1 : stored->second.typmod,
        fmt::format("write direction of version view {}", pg::relation_display(view.view))));
  }
  return out;
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
  const std::vector<Node*> expressions = parse_outputs(view, outputs);
  std::string columns;
  size_t position = 0;
  for (const auto& [number, text] : outputs) {
    Node* const expression = expressions.at(position++);
    columns += fmt::format("{}NULL::{} AS {}", columns.empty() ? "" : ", ",
                           pg::type_display(pg::call([&] { return exprType(expression); }),
                                            pg::call([&] { return exprTypmod(expression); })),
                           output_name(number));
  }
  spi.run(fmt::format("CREATE VIEW strata_inverse.{} AS SELECT {} FROM {}", name, columns,
                      pg::relation_display(view.view)));
  const Oid inverse = pg::relation_oid(pg::schema_oid("strata_inverse"), name);
  pg::set_view_expressions(inverse, view.view, expressions);
  catalog::set_inverse(view.relation_id, inverse);
}

std::map<std::string, Write> write_expressions(const catalog::VersionView& view) {
  if (!OidIsValid(view.base)) return {};
  return write_expressions(view, pg::view_columns(view.view, view.base));
}

std::map<std::string, Write> write_expressions(const catalog::VersionView& view,
                                               const std::vector<pg::ViewColumn>& shown) {
  std::map<std::string, Write> out;
  if (!OidIsValid(view.base)) return out;
  const pg::PinnedSearchPath path;
  std::map<AttrNumber, pg::Attribute> attributes;  // read only where something is cast
  AttrNumber position = 0;
  for (const pg::ViewColumn& column : shown) {
    position++;
    if (column.base_column <= 0) continue;
    if (column.how == pg::ViewColumn::How::kDirect) {
      const std::string name = pg::attribute_name(view.base, column.base_column);
      if (!name.empty()) out[name] = {pg::quote(column.name), {position}};
      continue;
    }
    if (attributes.empty()) attributes = pg::attributes(view.base);
    const auto stored = attributes.find(column.base_column);
    if (stored != attributes.end())
      out[stored->second.name] = {pg::cast_sql(pg::quote(column.name), column.type,
                                               stored->second.type, stored->second.typmod),
                                  {position}};
  }
  if (!OidIsValid(view.inverse)) return out;
  const auto names = catalog::base_columns(view.base);
  const auto columns = pg::view_columns(view.inverse, view.view);
  for (const auto& [number, expression] : outputs(view)) {
    const auto name = names.find(number);
    if (name == names.end()) continue;
    for (const pg::ViewColumn& column : columns)
      if (column.name == output_name(number)) out[name->second] = {expression, column.reads};
  }
  return out;
}

void write_through_type_change(Oid view_oid, AttrNumber attnum, const catalog::TypeChange& change,
                               const std::string& before) {
  const catalog::VersionView* found = catalog::registry().view(view_oid);
  if (found == nullptr) return;
  const catalog::VersionView view = *found;
  const pg::Attribute now = pg::attributes(view.base).at(attnum);
  Outputs all = outputs(view);
  all[catalog::number_base_column(view.base, now.name)] = pg::compose(
      view.view, view.base, change.column, change.write_as, before, now.type, now.typmod);
  store_outputs(view, all);
}

void cast_output(Oid view_oid, AttrNumber attnum, Oid old_type) {
  const catalog::VersionView* found = catalog::registry().view(view_oid);
  if (found == nullptr || !OidIsValid(found->inverse)) return;
  const catalog::VersionView view = *found;
  const pg::Attribute now = pg::attributes(view.base).at(attnum);
  const pg::PinnedSearchPath path;  // the cast becomes text, and is parsed under this path
  Outputs all = outputs(view);
  const auto at = all.find(catalog::number_base_column(view.base, now.name));
  if (at == all.end()) return;
  bool shown = false;
  for (const pg::ViewColumn& column : pg::view_columns(view.view, view.base))
    shown = shown || column.base_column == attnum;
  // A column that is only cast is read afresh from what the base has now, and so it is written.
  if (shown)
    all.erase(at);
  else
    at->second = pg::cast_sql(at->second, old_type, now.type, now.typmod);
  store_outputs(view, all);
}

void write_through_replacement(const catalog::VersionView& view, const std::string& column,
                               const std::map<std::string, std::string>& write_as) {
  const auto writes = write_expressions(view);
  const auto inner = writes.find(column);
  Outputs all = outputs(view);
  all.erase(catalog::number_base_column(view.base, column));
  if (inner != writes.end()) {
    for (const auto& [target, expression] : write_as) {
      const int32_t number = catalog::number_base_column(view.base, target);
      const auto taken = writes.find(target);
      if (taken != writes.end()) {
        // A version that shows the target itself goes on writing it by that column.
        if (all.count(number) == 0) continue;
        throw Error(ERRCODE_INVALID_PARAMETER_VALUE,
                    fmt::format("column \"{}\" is written by another mapping already", target),
                    fmt::format("Through version view {} it stores {}, and a column can store one "
                                "expression only.",
                                pg::relation_display(view.view), taken->second.expression),
                    "Let write_as name a column of its own.");
      }
      const AttrNumber attnum = pg::attribute_number(view.base, target);
      const pg::Attribute attribute = pg::attributes(view.base).at(attnum);
      all[number] = pg::compose(view.view, view.base, column, expression, inner->second.expression,
                                attribute.type, attribute.typmod);
    }
  }
  store_outputs(view, all);
}

void forget_lost_outputs(Oid base) {
  std::vector<catalog::VersionView> views;
  for (const catalog::VersionView* view : catalog::registry().views_of(base))
    if (OidIsValid(view->inverse)) views.push_back(*view);
  if (views.empty()) return;
  const auto names = catalog::base_columns(base);
  for (const catalog::VersionView& view : views) {
    Outputs all = outputs(view);
    const size_t lost =
        std::erase_if(all, [&](const auto& output) { return names.count(output.first) == 0; });
    if (lost == 0) continue;
    store_outputs(view, all);
    notice(fmt::format("what version view {} wrote to a dropped column is stored nowhere any more",
                       pg::relation_display(view.view)));
  }
}

}  // namespace strata::mapping
