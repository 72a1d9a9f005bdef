// Owns: type changes under versions (see retype.hpp).
#include "upkeep/retype.hpp"

#include "catalog/type_changes.hpp"
#include "mapping/inverse.hpp"
#include "pg/expression.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"
#include "settings.hpp"
#include "version/defaults.hpp"

namespace strata::upkeep {
namespace {

using ddl::Retype;

// The prepared mapping of a type change; a child's column follows the one of the named parent.
std::optional<catalog::TypeChange> prepared(const ddl::Statement& statement, const Retype& retype) {
  const Oid named = statement.relations.front().relation;
  return catalog::type_change(named, retype.column, retype.new_type);
}

bool indexed(const std::vector<pg::IndexShape>& shapes, AttrNumber attnum) {
  for (const pg::IndexShape& shape : shapes)
    if (std::find(shape.columns.begin(), shape.columns.end(), attnum) != shape.columns.end())
      return true;
  return false;
}

// The type a view column that reads the retyped column wants: its contract's when it only casts.
std::pair<Oid, int32_t> wanted(const pg::ViewColumn& column, const Retype& retype) {
  if (column.base_column == retype.attnum) return {column.type, column.typmod};
  return {retype.old_type, retype.old_typmod};
}

std::string prepare_hint(const Retype& retype, Oid wanted_type) {
  const std::string column = pg::quote(retype.column);
  return fmt::format(
      "Say how versions read it, then repeat the statement: SELECT strata.prepare_type_change({}, "
      "{}, {}, read_as "
      "=> 'expression of type {} over {}', write_as => 'expression of type {} over {}');",
      pg::quote_literal(pg::relation_display(retype.relation)), pg::quote_literal(retype.column),
      pg::quote_literal(pg::type_display(retype.new_type, -1)), pg::type_display(wanted_type, -1),
      column, pg::type_display(retype.new_type, -1), column);
}

// Returns why the view column cannot follow the type change by a cast; empty when it can.
std::string obstacle(const pg::ViewColumn& column, const Retype& retype, bool has_index) {
  const auto [type, typmod] = wanted(column, retype);
  const pg::ConversionFacts facts =
      pg::conversion_facts(retype.new_type, retype.new_typmod, type, typmod);
  const std::string from = pg::type_display(retype.new_type, retype.new_typmod);
  const std::string to = pg::type_display(type, typmod);
  if (facts.path == pg::ConversionFacts::Path::kNone)
    return fmt::format("There is no cast from {} to {}.", from, to);
  if (!retype.plain)
    return fmt::format(
        "USING does more than cast the column, so a cast from {} back to {} would not undo it.",
        from, to);
  if (facts.may_fail)
    return fmt::format("Reading {} as {} goes through text and fails for values that are no {}.",
                       from, to, to);
  if (has_index && !facts.indexable && facts.path != pg::ConversionFacts::Path::kSame &&
      facts.path != pg::ConversionFacts::Path::kRelabel)
    return fmt::format(
        "The column is indexed, and the cast from {} to {} is not immutable, so look-ups through "
        "the version "
        "would no longer use an index.",
        from, to);
  return {};
}

void refuse_retype(const catalog::Registry& registry, const Retype& retype) {
  const auto& views = registry.views_of(retype.relation);
  if (views.empty()) return;
  const bool has_index = !pg::index_shapes(retype.relation, {retype.attnum}).empty();
  for (const catalog::VersionView* view : views)
    for (const pg::ViewColumn& column : pg::view_columns(view->view, view->base)) {
      if (std::find(column.reads.begin(), column.reads.end(), retype.attnum) == column.reads.end())
        continue;
      const std::string why = obstacle(column, retype, has_index);
      if (why.empty()) continue;
      const catalog::Version* version = registry.version(view->version_id);
      throw Error(sqlstate::kBreaksVersion,
                  fmt::format("cannot change the type of column \"{}\" of {} under live versions",
                              retype.column, pg::relation_display(retype.relation)),
                  fmt::format("Version \"{}\" shows it as {}. {}", version ? version->version : "?",
                              pg::type_display(column.type, column.typmod), why),
                  prepare_hint(retype, wanted(column, retype).first));
    }
}

}  // namespace

void refuse_retypes(const catalog::Registry& registry, const ddl::Statement& statement) {
  if (mode() == Mode::kRecord) return;
  for (const Retype& retype : statement.retypes)
    if (!prepared(statement, retype)) refuse_retype(registry, retype);
}

Reattachment::Reattachment(const catalog::Registry& registry, const ddl::Statement& statement)
    : retypes_(statement.retypes) {
  if (retypes_.empty()) return;
  std::map<Oid, View> views;
  for (const Retype& retype : retypes_) {
    const auto change = prepared(statement, retype);
    for (const catalog::VersionView* view : registry.views_of(retype.relation)) {
      if (!pg::view_reads(view->view, view->base, retype.attnum)) continue;
      pg::release_column(view->view, view->base, retype.attnum);
      pg::ColumnEdit edit;
      edit.attnum = edit.next = retype.attnum;
      edit.old_type = retype.old_type;
      edit.old_typmod = retype.old_typmod;
      edit.old_collation = retype.old_collation;
      View& entry = views[view->view];
      entry.view = view->view;
      entry.base = view->base;
      entry.edits.push_back(edit);
      if (change) entry.prepared[retype.attnum] = *change;
    }
  }
  for (auto& [oid, view] : views)
    views_.push_back(std::move(view));
  if (views_.empty()) return;
  if (!statement.relations.empty()) named_ = statement.relations.front().relation;
  take_indexes();
}

// Remembers the indexes on the columns. Those kept for older mappings are over the old type; core
// would rebuild them from text that no longer fits, so they go and are made anew where still
// needed.
void Reattachment::take_indexes() {
  std::map<Oid, std::vector<AttrNumber>> columns;
  for (const Retype& retype : retypes_)
    columns[retype.relation].push_back(retype.attnum);
  for (const auto& [relation, retyped] : columns) {
    for (pg::IndexShape& shape : pg::index_shapes(relation, retyped)) {
      if (pg::is_kept_index(shape.index))
        pg::drop_index(shape.index);
      else
        indexes_.push_back(std::move(shape));
    }
  }
}

// Refused in enforce mode, so that it gets here in record mode only: nothing leads from the new
// type to what the view shows.
void Reattachment::forget_if_lost(const View& view, pg::ColumnEdit& edit) {
  const pg::Attribute now = pg::attributes(view.base).at(edit.attnum);
  for (const pg::ViewColumn& column : pg::view_columns(view.view, view.base)) {
    if (std::find(column.reads.begin(), column.reads.end(), edit.attnum) == column.reads.end())
      continue;
    const bool only_casts = column.base_column == edit.attnum;
    if (pg::conversion_facts(now.type, now.typmod, only_casts ? column.type : edit.old_type,
                             only_casts ? column.typmod : edit.old_typmod)
            .path != pg::ConversionFacts::Path::kNone)
      continue;
    edit.how = pg::ColumnEdit::How::kForget;
    notice(
        fmt::format("version view {} shows its default or NULL for what it read from column "
                    "\"{}\"",
                    pg::relation_display(view.view), now.name));
  }
}

void Reattachment::finish() {
  if (views_.empty()) return;
  const pg::InternalDdl internal;
  for (View& view : views_) {
    for (pg::ColumnEdit& edit : view.edits) {
      const auto change = view.prepared.find(edit.attnum);
      if (change == view.prepared.end()) {
        edit.keyed = indexed(indexes_of(view.base), edit.attnum);
        if (mode() == Mode::kRecord) forget_if_lost(view, edit);
        continue;
      }
      const pg::Attribute now = pg::attributes(view.base).at(edit.attnum);
      edit.how = pg::ColumnEdit::How::kExpression;
      edit.expression = pg::parse_over_column(
          view.base, change->second.column, edit.attnum, now.type, now.typmod, now.collation,
          change->second.read_as, edit.old_type, edit.old_typmod,
          fmt::format("read_as of the type change of column \"{}\"", now.name));
    }
    pg::edit_view(view.view, view.base, view.base, view.edits);
    const catalog::VersionView* registered = catalog::registry().view(view.view);
    if (registered != nullptr) version::align_defaults(catalog::VersionView(*registered));
  }
  for (const View& view : views_)
    for (const auto& [attnum, change] : view.prepared)
      mapping::write_through_type_change(view.view, attnum, change);
  for (const Retype& retype : retypes_)
    if (OidIsValid(named_)) catalog::use_type_change(named_, retype.column);
  make_indexes();
}

std::vector<pg::IndexShape> Reattachment::indexes_of(Oid relation) const {
  std::vector<pg::IndexShape> out;
  for (const pg::IndexShape& shape : indexes_)
    if (shape.relation == relation) out.push_back(shape);
  return out;
}

void Reattachment::make_indexes() {
  if (indexes_.empty()) return;  // what the views read now would be parsed for nothing
  for (const View& view : views_) {
    const std::vector<pg::ViewColumn> columns = pg::view_columns(view.view, view.base);
    for (const pg::ColumnEdit& edit : view.edits)
      for (size_t i = 0; i < columns.size(); i++) {
        const auto& reads = columns[i].reads;
        if (std::find(reads.begin(), reads.end(), edit.attnum) == reads.end()) continue;
        for (const pg::IndexShape& shape : indexes_of(view.base)) {
          if (!indexed({shape}, edit.attnum)) continue;
          const Oid made =
              pg::make_index_for(shape, edit.attnum, view.view, view.base, static_cast<int>(i) + 1);
          if (!OidIsValid(made)) continue;
          notice(fmt::format("index {} made for look-ups through version view {}",
                             pg::relation_name(made), pg::relation_display(view.view)));
        }
      }
  }
}

}  // namespace strata::upkeep
