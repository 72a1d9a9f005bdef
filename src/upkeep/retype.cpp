// Owns: type changes under versions (see retype.hpp).
#include "upkeep/retype.hpp"

#include "catalog/type_changes.hpp"
#include "mapping/inverse.hpp"
#include "pg/conversion.hpp"
#include "pg/expression.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/kept_index.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_columns.hpp"
#include "settings.hpp"
#include "upkeep/look_ups.hpp"

extern "C" {
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
}

namespace strata::upkeep {
namespace {

using ddl::Retype;

// The prepared mapping of a type change; a child's column follows the one of the named parent.
std::optional<catalog::TypeChange> prepared(const ddl::Statement& statement, const Retype& retype) {
  const Oid named = statement.relations.front().relation;
  return catalog::type_change(named, retype.column, retype.old_type, retype.new_type);
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

// Returns true when the view's inverse view names what is stored in the column.
bool writes(const catalog::VersionView& view, const Retype& retype) {
  return OidIsValid(view.inverse) && mapping::write_expressions(view).count(retype.column) > 0;
}

// A column that a version only writes: what it stores must become the new type by a cast.
void refuse_written(const catalog::VersionView& view, const Retype& retype) {
  const auto path =
      pg::conversion_facts(retype.old_type, retype.old_typmod, retype.new_type, retype.new_typmod)
          .path;
  if (retype.plain && path != pg::ConversionFacts::Path::kNone) return;
  throw Error(sqlstate::kBreaksVersion,
              fmt::format("cannot change the type of column \"{}\" of {} under live versions",
                          retype.column, pg::relation_display(retype.relation)),
              fmt::format("A mapping of version view {} writes it as {}, and {}.",
                          pg::relation_display(view.view), pg::type_display(retype.old_type, -1),
                          retype.plain ? "there is no cast to the new type"
                                       : "USING does more than cast the column"),
              prepare_hint(retype, retype.old_type));
}

void refuse_retype(const catalog::Registry& registry, const Retype& retype) {
  const auto& views = registry.views_of(retype.relation);
  if (views.empty()) return;
  const bool has_index = indexed(pg::index_shapes(retype.relation, {retype.attnum}), retype.attnum);
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
  for (const catalog::VersionView* view : views)
    if (!pg::view_reads(view->view, view->base, retype.attnum) && writes(*view, retype))
      refuse_written(*view, retype);
}

// Parses the prepared mapping as finish() will, once the type has changed: what it needs may be
// gone since, and then the error must come before the table is rewritten.
Node* parse_read_as(const Retype& retype, const catalog::TypeChange& change, int32_t typmod,
                    Oid collation) {
  // It is the owner's text, whoever changes the type: the parser calls functions for some
  // constants.
  const pg::ActAs owner(pg::relation_owner(retype.relation), pg::ActAs::Restricted{});
  return pg::parse_over_column(
      retype.relation, change.column, retype.attnum, retype.new_type, typmod, collation,
      change.read_as, retype.old_type, retype.old_typmod,
      fmt::format("read_as of the type change of column \"{}\"", retype.column));
}

void refuse_prepared(const catalog::Registry& registry, const Retype& retype,
                     const catalog::TypeChange& change) {
  const catalog::VersionView* reader = nullptr;
  for (const catalog::VersionView* view : registry.views_of(retype.relation))
    if (pg::view_reads(view->view, view->base, retype.attnum)) reader = view;
  if (reader == nullptr) return;
  const Oid collation = pg::call([&] { return get_typcollation(retype.new_type); });
  Node* const read_as = parse_read_as(retype, change, retype.new_typmod, collation);
  {
    const pg::ActAs owner(pg::relation_owner(retype.relation), pg::ActAs::Restricted{});
    pg::parse_over_column(
        retype.relation, change.column, retype.attnum, retype.old_type, retype.old_typmod,
        retype.old_collation, change.write_as, retype.new_type, retype.new_typmod,
        fmt::format("write_as of the type change of column \"{}\"", retype.column));
  }
  if (mode() == Mode::kRecord || pg::index_shapes(retype.relation, {retype.attnum}).empty()) return;
  if (pg::call([&] { return !contain_mutable_functions(read_as); })) return;
  throw Error(
      sqlstate::kBreaksVersion,
      fmt::format("no index can serve look-ups of column \"{}\" through version view {}",
                  retype.column, pg::relation_display(reader->view)),
      "The column is indexed, and the prepared read_as is not immutable.",
      "Prepare an immutable expression with strata.prepare_type_change(), or drop the index first "
      "and so accept sequential scans.");
}

}  // namespace

void refuse_retypes(const catalog::Registry& registry, const ddl::Statement& statement) {
  for (const Retype& retype : statement.retypes) {
    const auto change = prepared(statement, retype);
    if (change)
      refuse_prepared(registry, retype, *change);
    else if (mode() != Mode::kRecord)
      refuse_retype(registry, retype);
  }
}

Reattachment::Reattachment(const catalog::Registry& registry, const ddl::Statement& statement)
    : retypes_(statement.retypes) {
  if (retypes_.empty()) return;
  std::map<Oid, View> views;
  for (const Retype& retype : retypes_) {
    const auto change = prepared(statement, retype);
    for (const catalog::VersionView* view : registry.views_of(retype.relation)) {
      const bool reads = pg::view_reads(view->view, view->base, retype.attnum);
      if (!reads && !writes(*view, retype)) continue;
      if (reads) pg::release_column(view->view, view->base, retype.attnum);
      pg::ColumnEdit edit;
      edit.attnum = edit.next = retype.attnum;
      edit.old_type = retype.old_type;
      edit.old_typmod = retype.old_typmod;
      edit.old_collation = retype.old_collation;
      View& entry = views[view->view];
      entry.view = view->view;
      entry.base = view->base;
      (reads ? entry.edits : entry.only_written).push_back(edit);
      if (!change) continue;
      used_.insert(retype.column);
      Prepared& use = entry.prepared[retype.attnum];
      use.change = *change;
      const auto writes = mapping::write_expressions(*view);
      const auto written = writes.find(retype.column);
      if (written != writes.end()) use.written = written->second.expression;
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
      if (!pg::is_kept_index(shape.index))
        indexes_.push_back(std::move(shape));
      else if (!pg::is_index_partition(shape.index))
        pg::drop_index(shape.index);
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

void Reattachment::follow_writes(const View& view, const pg::ColumnEdit& edit) {
  const auto change = view.prepared.find(edit.attnum);
  if (change == view.prepared.end())
    mapping::cast_output(view.view, edit.attnum, edit.old_type);
  else if (!change->second.written.empty())
    mapping::write_through_type_change(view.view, edit.attnum, change->second.change,
                                       change->second.written);
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
      edit.expression = parse_read_as({view.base, edit.attnum, now.name, now.type, now.typmod,
                                       edit.old_type, edit.old_typmod, edit.old_collation, false},
                                      change->second.change, now.typmod, now.collation);
    }
    if (!view.edits.empty()) pg::edit_view(view.view, view.base, view.base, view.edits);
  }
  for (const View& view : views_) {
    for (const pg::ColumnEdit& edit : view.edits)
      follow_writes(view, edit);
    for (const pg::ColumnEdit& edit : view.only_written)
      follow_writes(view, edit);
  }
  for (const std::string& column : used_)
    catalog::use_type_change(named_, column);
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
  for (const View& view : views_)
    for (const pg::ColumnEdit& edit : view.edits)
      serve_look_ups(view.view, view.base, edit.attnum, indexes_of(view.base));
}

}  // namespace strata::upkeep
