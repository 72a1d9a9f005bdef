// Owns: the rule of insertability (see insertability.hpp).
#include "upkeep/insertability.hpp"

#include "catalog/base_columns.hpp"
#include "catalog/fills.hpp"
#include "catalog/relations.hpp"
#include "pg/check_constraint.hpp"
#include "pg/names.hpp"
#include "pg/spi.hpp"
#include "pg/view_tree.hpp"
#include "settings.hpp"

namespace strata::upkeep {
namespace {

// How a version view treats a base column in an INSERT.
struct Shown {
  bool shown = false;         // some view column reads it
  bool has_default = false;   // the view column that shows it has a default of its own
  bool was_omissible = true;  // at publish
};

Shown shown_by(const catalog::VersionView& view, AttrNumber attnum) {
  Shown out;
  const auto contract = catalog::contract(view.relation_id);
  const auto columns = pg::view_columns(view.view, view.base);
  for (size_t i = 0; i < columns.size(); i++) {
    const auto& reads = columns[i].reads;
    if (std::find(reads.begin(), reads.end(), attnum) == reads.end()) continue;
    out.shown = true;
    out.has_default = out.has_default || pg::has_default(view.view, static_cast<AttrNumber>(i + 1));
    if (i < contract.size()) out.was_omissible = contract[i].omissible;
  }
  return out;
}

[[noreturn]] void refuse(const catalog::VersionView& view, const std::string& column,
                         const char* why) {
  const catalog::Version* version = catalog::registry().version(view.version_id);
  const std::string table = pg::relation_display(view.base);
  throw Error(
      sqlstate::kBreaksVersion,
      fmt::format("inserts through version view {} would fail", pg::relation_display(view.view)),
      fmt::format("Column \"{}\" of {} {}, and clients of version \"{}\" do not fill it.", column,
                  table, why, version ? version->version : "?"),
      fmt::format(
          "Give it a DEFAULT, or say what such inserts store: SELECT strata.fill_column({}, {}, "
          "'expression');",
          pg::quote_literal(table), pg::quote_literal(column)));
}

void check_column(const catalog::VersionView& view, AttrNumber attnum, const pg::Attribute& now) {
  const Shown shown = shown_by(view, attnum);
  if (shown.shown && (shown.has_default || !shown.was_omissible)) return;
  if (catalog::is_filled(view.base, now.name)) return;
  refuse(view, now.name, "is NOT NULL without a default");
}

// A new CHECK that is false when everything an old client may leave out is left out.
void check_constraint(const catalog::VersionView& view, Oid constraint,
                      const std::map<AttrNumber, pg::Attribute>& now) {
  std::set<AttrNumber> left_out;
  for (const auto& [attnum, attribute] : now) {
    const Shown shown = shown_by(view, attnum);
    if (catalog::is_filled(view.base, attribute.name) || shown.has_default) continue;
    if (!shown.shown || shown.was_omissible) left_out.insert(attnum);
  }
  if (pg::check_fails_without(view.base, constraint, left_out))
    refuse(view, pg::constraint_column(constraint),
           "must satisfy a new CHECK constraint that leaving it out violates");
}

}  // namespace

InsertCheck::InsertCheck(const catalog::Registry& registry, const ddl::Statement& statement) {
  if (!statement.restricts_inserts || mode() == Mode::kRecord) return;
  for (const ddl::TargetRelation& target : statement.relations)
    if (!registry.views_of(target.relation).empty())
      before_[target.relation] = {pg::attributes(target.relation),
                                  pg::check_constraints(target.relation)};
}

void InsertCheck::finish() const {
  for (const auto& [relation, before] : before_) {
    const auto now = pg::attributes(relation);
    std::set<Oid> added = pg::check_constraints(relation);
    for (const Oid old : before.checks)
      added.erase(old);
    for (const auto& [attnum, attribute] : now) {
      const auto was = before.attributes.find(attnum);
      const bool worse =
          !attribute.omissible && (was == before.attributes.end() || was->second.omissible);
      if (!worse) continue;
      for (const catalog::VersionView* view : catalog::registry().views_of(relation))
        if (view->kind != catalog::Kind::kTwin) check_column(*view, attnum, attribute);
    }
    for (const Oid constraint : added)
      for (const catalog::VersionView* view : catalog::registry().views_of(relation))
        if (view->kind != catalog::Kind::kTwin) check_constraint(*view, constraint, now);
  }
}

}  // namespace strata::upkeep
