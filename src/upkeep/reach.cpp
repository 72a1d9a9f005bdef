// Owns: what versions may leave out (see reach.hpp).
#include "upkeep/reach.hpp"

#include "catalog/fills.hpp"
#include "catalog/registry.hpp"
#include "pg/check_constraint.hpp"
#include "pg/names.hpp"
#include "pg/spi.hpp"
#include "pg/view_columns.hpp"
#include "settings.hpp"

namespace strata::upkeep {

Reach::Reach(const catalog::VersionView& view)
    : view_(view),
      writes_(mapping::write_expressions(view_)),
      contract_(catalog::contract(view_.relation_id)) {
  for (const pg::ViewColumn& column : pg::view_columns(view_.view, view_.base))
    if (column.base_column > 0) shown_.insert(pg::attribute_name(view_.base, column.base_column));
}

bool Reach::may_fill(const std::string& column) const {
  return shown_.count(column) == 0;
}

bool Reach::may_leave_out(const std::string& column) const {
  if (may_fill(column) && catalog::is_filled(view_.base, column)) return false;
  const auto write = writes_.find(column);
  if (write == writes_.end()) return true;
  // One view column that clients always give, or that has a default, is enough.
  for (const AttrNumber position : write->second.reads) {
    const auto index = static_cast<size_t>(position - 1);
    // The contract's default counts also while the column is computed and the view has to do
    // without: tools drop the base's default around a type change and set it again.
    if (index < contract_.size() && contract_[index].has_default) return false;
    if (pg::has_default(view_.view, position)) return false;
    if (index < contract_.size() && !contract_[index].omissible) return false;
  }
  return true;
}

std::set<AttrNumber> Reach::left_out(const std::map<AttrNumber, pg::Attribute>& columns) const {
  std::set<AttrNumber> out;
  for (const auto& [attnum, attribute] : columns)
    if (may_leave_out(attribute.name)) out.insert(attnum);
  return out;
}

std::string Reach::remedy(Oid table, const std::string& column, bool is_new) const {
  if (!may_fill(column))
    return fmt::format("Give it a DEFAULT: ALTER TABLE {} ALTER COLUMN {} SET DEFAULT value;",
                       pg::relation_display(table), pg::quote(column));
  const std::string fill =
      fmt::format("SELECT strata.fill_column({}, {}, 'expression');",
                  pg::quote_literal(pg::relation_display(table)), pg::quote_literal(column));
  return is_new ? fmt::format(
                      "Give it a DEFAULT; or add it nullable, say what such inserts store, "
                      "and set it NOT NULL then: {}",
                      fill)
                : fmt::format("Give it a DEFAULT, or say what such inserts store: {}", fill);
}

void Reach::refuse(const std::string& column, const char* why, bool is_new, Oid partition) const {
  const catalog::Version* version = catalog::registry().version(view_.version_id);
  throw Error(
      sqlstate::kBreaksVersion,
      fmt::format("inserts through version view {} would fail", pg::relation_display(view_.view)),
      fmt::format("Column \"{}\" of {} {}, and clients of version \"{}\" do not fill it.", column,
                  pg::relation_display(OidIsValid(partition) ? partition : view_.base), why,
                  version ? version->version : "?"),
      remedy(view_.base, column, is_new));
}

void Reach::refuse_taker(Oid to, const std::string& column, const char* why) const {
  const catalog::Version* version = catalog::registry().version(view_.version_id);
  throw Error(sqlstate::kBreaksVersion,
              fmt::format("{} cannot take the place of {}", pg::relation_display(to),
                          pg::relation_display(view_.base)),
              fmt::format("Its column \"{}\" {}, and clients of version \"{}\" do not fill it.",
                          column, why, version ? version->version : "?"),
              remedy(to, column, false));
}

std::vector<catalog::VersionView> views_with_inserts(Oid relation) {
  std::vector<catalog::VersionView> out;
  for (const catalog::VersionView* view : catalog::registry().views_of(relation))
    if (view->kind != catalog::Kind::kTwin) out.push_back(*view);
  return out;
}

namespace {

bool fails_a_check(Oid relation, const std::set<AttrNumber>& left_out) {
  for (const Oid constraint : pg::check_constraints(relation))
    if (pg::check_fails_without(relation, constraint, left_out)) return true;
  return false;
}

}  // namespace

void require_insertable_in(const catalog::VersionView& view, Oid to) {
  if (mode() == Mode::kRecord || view.kind == catalog::Kind::kTwin) return;
  const Reach reach(view);
  const auto before = pg::attributes(view.base);
  std::set<std::string> refuse_null;
  for (const auto& [attnum, attribute] : before)
    if (!attribute.omissible) refuse_null.insert(attribute.name);
  std::set<AttrNumber> left_out;
  for (const auto& [attnum, attribute] : pg::attributes(to)) {
    if (!reach.may_leave_out(attribute.name)) continue;
    if (reach.may_fill(attribute.name) && catalog::is_filled(to, attribute.name)) continue;
    left_out.insert(attnum);
    if (!attribute.omissible && refuse_null.count(attribute.name) == 0)
      reach.refuse_taker(to, attribute.name, kNotNull);
  }
  // Inserts that fail today may go on to fail.
  if (pg::check_constraints(to).empty() || fails_a_check(view.base, reach.left_out(before))) return;
  for (const Oid constraint : pg::check_constraints(to))
    if (pg::check_fails_without(to, constraint, left_out))
      reach.refuse_taker(to, pg::constraint_column(constraint), kKnownCheck);
}

}  // namespace strata::upkeep
