// Owns: recognizing swaps and re-pointing versions (see swap.hpp). Scope: transaction.
#include "upkeep/swap.hpp"

#include "catalog/base_columns.hpp"
#include "catalog/relations.hpp"
#include "pg/conversion.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/lock.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_columns.hpp"
#include "pg/view_tree.hpp"
#include "provenance/record.hpp"
#include "upkeep/ddl_path.hpp"
#include "upkeep/look_ups.hpp"
#include "upkeep/reach.hpp"
#include "upkeep/row_security.hpp"
#include "version/orphans.hpp"

extern "C" {
#include "access/xact.h"
}

namespace strata::upkeep {
namespace {

struct Lost {
  Oid relation;
  Oid schema;
  std::string name;
};

// On the heap while a transaction has lost names, else null.
std::vector<Lost>* lost = nullptr;

// What a version view must be told to read another relation.
struct Move {
  catalog::VersionView view;
  std::vector<pg::ColumnEdit> edits;
};

// Returns the edits that point the view at `to`, whose indexes are `shapes`; raises ST004 naming
// the column that does not fit.
std::vector<pg::ColumnEdit> edits_for(const catalog::VersionView& view, Oid to,
                                      const std::vector<pg::IndexShape>& shapes) {
  std::vector<pg::ColumnEdit> edits;
  const auto before = pg::attributes(view.base);
  const auto after = pg::attributes(to);
  std::set<AttrNumber> reads;
  for (const pg::ViewColumn& column : pg::view_columns(view.view, view.base))
    reads.insert(column.reads.begin(), column.reads.end());
  for (const AttrNumber attnum : reads) {
    const pg::Attribute& was = before.at(attnum);
    pg::ColumnEdit edit;
    edit.attnum = attnum;
    edit.next = pg::attribute_number(to, was.name);
    edit.old_type = was.type;
    edit.old_typmod = was.typmod;
    edit.old_collation = was.collation;
    edit.keyed = indexed(shapes, edit.next);
    const auto fits = after.find(edit.next);
    if (fits == after.end() ||
        pg::conversion_facts(fits->second.type, fits->second.typmod, was.type, was.typmod).path ==
            pg::ConversionFacts::Path::kNone)
      throw Error(
          sqlstate::kBreaksVersion,
          fmt::format("{} cannot take the place of {}", pg::relation_display(to),
                      pg::relation_display(view.base)),
          fmt::format("Version view {} shows column \"{}\" of type {}, which it does not have.",
                      pg::relation_display(view.view), was.name,
                      pg::type_display(was.type, was.typmod)),
          "Give it the columns of the old table first.");
    edits.push_back(edit);
  }
  return edits;
}

}  // namespace

namespace {

// What strata.repoint() asks of its caller. Who renamed the old table owned it, but the role may
// have changed since, and the new one be somebody else's.
void require_owner_of_both(Oid from, Oid to) {
  for (const Oid relation : {from, to})
    if (!pg::owns_relation(relation))
      throw Error(sqlstate::kBreaksVersion,
                  fmt::format("{} belongs to {}", pg::relation_display(relation),
                              pg::role_name(pg::relation_owner(relation))));
}

}  // namespace

VanishedName::VanishedName(const ddl::Statement& statement) {
  if (!OidIsValid(statement.renamed_relation)) return;
  if (catalog::registry().views_of(statement.renamed_relation).empty()) return;
  relation_ = statement.renamed_relation;
  schema_ = pg::relation_schema(relation_);
  name_ = pg::relation_name(relation_);
}

void VanishedName::remember() const {
  if (!OidIsValid(relation_)) return;
  if (lost == nullptr) lost = new std::vector<Lost>();
  // The name it had when the transaction began is the one whose next bearer takes its place; one
  // that it bore only in passing is anybody's.
  for (const Lost& earlier : *lost)
    if (earlier.relation == relation_) return;
  lost->push_back({relation_, schema_, name_});
}

bool names_are_missing(const catalog::Registry& registry) {
  return (lost != nullptr && !lost->empty()) || registry.has_orphans();
}

void repoint(Oid from, Oid to) {
  std::vector<AttrNumber> columns;
  for (const auto& [attnum, attribute] : pg::attributes(to))
    columns.push_back(attnum);
  const std::vector<pg::IndexShape> shapes = pg::index_shapes(to, columns);
  std::vector<Move> moves;
  for (const catalog::VersionView* view : catalog::registry().views_of(from))
    moves.push_back({*view, edits_for(*view, to, shapes)});
  for (const Move& move : moves) {
    require_insertable_in(move.view, to);
    require_no_row_security(move.view, to);
  }
  provenance::will_repoint(from);
  const pg::InternalDdl internal;
  for (const Move& move : moves)
    pg::edit_view(move.view.view, from, to, move.edits);
  for (const Move& move : moves)
    catalog::set_base(move.view.relation_id, to);
  catalog::move_base_columns(from, to);
  catalog::forget_dropped_columns(to);
  for (const Move& move : moves)
    for (const pg::ColumnEdit& edit : move.edits)
      serve_look_ups(move.view.view, to, edit.next, shapes);
}

void repoint_to_new_names() {
  if (lost != nullptr) {
    const std::vector<Lost> names = *lost;
    for (const Lost& old : names) {
      const Oid taker = pg::relation_oid(old.schema, old.name);
      if (!OidIsValid(taker) || taker == old.relation) continue;
      // A view under the old name serves clients of the base while they move on; the versions have
      // the table.
      if (!pg::is_table_kind(pg::relation_kind(taker))) continue;
      if (catalog::registry().views_of(old.relation).empty()) continue;
      try {
        pg::Subtransaction attempt;
        require_owner_of_both(old.relation, taker);
        repoint(old.relation, taker);
        attempt.commit();
      } catch (const Error& error) {
        // What keeps the table from taking the place; every other error is the statement's.
        if (error.sqlstate() != sqlstate::kBreaksVersion) throw;
        warning(
            fmt::format("versions still read {}", pg::relation_display(old.relation)),
            *error.detail() != '\0' ? fmt::format("{}. {}", error.message(), error.detail())
                                    : fmt::format("{}.", error.message()),
            fmt::format("If {} is to take its place: SELECT strata.repoint(old_table, new_table);",
                        pg::relation_display(taker)));
        continue;
      }
      notice(
          fmt::format("versions now read the new {}", pg::relation_display(taker)),
          fmt::format("It took the name of what is now {}.", pg::relation_display(old.relation)));
    }
  }
  if (catalog::registry().has_orphans()) version::adopt_orphans();
}

void forget_vanished_names() noexcept {
  delete lost;
  lost = nullptr;
}

void watch_transactions() {
  RegisterXactCallback(
      [](XactEvent event, void*) {
        if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
          forget_vanished_names();
      },
      nullptr);
}

}  // namespace strata::upkeep
