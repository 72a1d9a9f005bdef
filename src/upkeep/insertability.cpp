// Owns: the rule of insertability (see insertability.hpp).
#include "upkeep/insertability.hpp"

#include "catalog/base_columns.hpp"
#include "catalog/fills.hpp"
#include "catalog/relations.hpp"
#include "ddl/shape_after.hpp"
#include "pg/check_constraint.hpp"
#include "pg/expression.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "settings.hpp"
#include "upkeep/reach.hpp"

namespace strata::upkeep {
namespace {

void refuse_shape(const ddl::ShapeAfter& shape, Oid relation) {
  const auto before = pg::attributes(relation);
  std::vector<std::string> worse;
  std::set<std::string> known;
  std::map<AttrNumber, pg::Attribute> same;
  for (const auto& [name, column] : shape.columns) {
    const auto was = before.find(column.attnum);
    if (!column.omissible() && (was == before.end() || was->second.omissible))
      worse.push_back(name);
    if (column.touched || was == before.end()) continue;
    known.insert(name);
    same.insert(*was);
  }
  if (worse.empty() && shape.checks.empty()) return;
  for (const catalog::VersionView& view : views_with_inserts(relation)) {
    const Reach reach(view);
    for (const std::string& name : worse)
      if (reach.may_leave_out(name))
        reach.refuse(name, kNotNull, shape.columns.at(name).attnum == 0);
    for (Node* const check : shape.checks)
      if (pg::check_would_fail_without(relation, check, known, reach.left_out(same)))
        reach.refuse(pg::proposed_column(check), kCheck, false);
  }
}

// The same for a partition and the version views of a table it is a part of: their rows land in it
// with the defaults of the table that they are inserted into.
void refuse_shape_of_partition(const ddl::ShapeAfter& shape, Oid partition, Oid whole) {
  const auto views = views_with_inserts(whole);
  if (views.empty()) return;
  std::set<std::string> filled;
  for (const auto& [attnum, attribute] : pg::attributes(whole))
    if (attribute.filled) filled.insert(attribute.name);
  const auto before = pg::attributes(partition);
  std::vector<std::string> worse;
  std::set<std::string> known;
  std::map<AttrNumber, pg::Attribute> unfilled;
  for (const auto& [name, column] : shape.columns) {
    const auto was = before.find(column.attnum);
    if (was == before.end()) continue;
    known.insert(name);
    if (filled.count(name) > 0) continue;
    if (!was->second.filled) unfilled.insert(*was);
    if (column.refuses_null && !was->second.not_null &&
        !pg::type_facts(was->second.type).refuses_null &&
        !pg::bounds_exclude_null(partition, column.attnum))
      worse.push_back(name);
  }
  for (const catalog::VersionView& view : views) {
    const Reach reach(view);
    for (const std::string& name : worse)
      if (reach.may_leave_out(name)) reach.refuse(name, kNotNull, false, partition);
    for (Node* const check : shape.checks)
      if (pg::check_would_fail_without(partition, check, known, reach.left_out(unfilled)))
        reach.refuse(pg::proposed_column(check), kCheck, false, partition);
  }
}

void refuse_in_whole(const AlterTableStmt* stmt, Oid partition) {
  if (!pg::is_partition(partition)) return;
  const ddl::ShapeAfter shape = ddl::shape_after(stmt, partition);
  for (Oid whole = partition; pg::is_partition(whole);) {
    whole = pg::parent_of(whole);
    refuse_shape_of_partition(shape, partition, whole);
  }
}

}  // namespace

void refuse_inserts(const catalog::Registry& registry, const ddl::Statement& statement,
                    Node* tree) {
  if (!statement.restricts_inserts || mode() == Mode::kRecord || !IsA(tree, AlterTableStmt)) return;
  auto* stmt = reinterpret_cast<AlterTableStmt*>(tree);
  std::vector<Oid> relations;
  bool named = false;
  for (const ddl::TargetRelation& target : statement.relations) {
    // The table itself and its inheritors; a partition to attach is another statement's table.
    if (target.name != nullptr && named) continue;
    named = true;
    if (!registry.views_of(target.relation).empty()) relations.push_back(target.relation);
  }
  for (const Oid relation : relations)
    refuse_shape(ddl::shape_after(stmt, relation), relation);
  if (!statement.relations.empty()) refuse_in_whole(stmt, statement.relations.front().relation);
}

void require_insertable_without_fill(Oid relation, const std::string& column) {
  if (mode() == Mode::kRecord) return;
  const AttrNumber attnum = pg::attribute_number(relation, column);
  const auto columns = pg::attributes(relation);
  const std::set<Oid> checks = pg::check_constraints(relation);
  for (const catalog::VersionView& view : views_with_inserts(relation)) {
    const Reach reach(view);
    if (!reach.may_leave_out(column)) continue;
    if (!columns.at(attnum).omissible) reach.refuse(column, kNotNull, false);
    const std::set<AttrNumber> left_out = reach.left_out(columns);
    std::set<AttrNumber> with_fill = left_out;
    with_fill.erase(attnum);
    for (const Oid constraint : checks)
      if (pg::check_fails_without(relation, constraint, left_out) &&
          !pg::check_fails_without(relation, constraint, with_fill))
        reach.refuse(pg::constraint_column(constraint), kKnownCheck, false);
  }
}

void check_fills(const ddl::Statement& statement) {
  for (const ddl::Retype& retype : statement.retypes) {
    const auto fills = catalog::fills(retype.relation);
    if (fills.empty()) continue;
    const pg::Attribute now = pg::attributes(retype.relation).at(retype.attnum);
    for (const auto& [number, name] : catalog::base_columns(retype.relation)) {
      const auto fill = fills.find(number);
      if (name != now.name || fill == fills.end()) continue;
      const std::string table = pg::relation_display(retype.relation);
      try {
        pg::Subtransaction attempt;
        pg::parse_constant(retype.relation, fill->second, now.type, now.typmod,
                           fmt::format("fill of column \"{}\"", name));
        attempt.commit();
      } catch (const Error& error) {
        if (error.is_cancel()) throw;
        warning(fmt::format("inserts through versions of {} fail from now on", table),
                fmt::format("What fill_column stores in column \"{}\" does not fit its new type "
                            "{}: {}.",
                            name, pg::type_display(now.type, now.typmod), error.message()),
                fmt::format("Say it anew, best in the same transaction: "
                            "SELECT strata.fill_column({}, {}, 'expression');",
                            pg::quote_literal(table), pg::quote_literal(name)));
      }
    }
  }
}

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
    std::vector<std::string> worse;
    for (const auto& [attnum, attribute] : now) {
      const auto was = before.attributes.find(attnum);
      if (!attribute.omissible && (was == before.attributes.end() || was->second.omissible))
        worse.push_back(attribute.name);
    }
    if (worse.empty() && added.empty()) continue;
    for (const catalog::VersionView& view : views_with_inserts(relation)) {
      const Reach reach(view);
      for (const std::string& name : worse)
        if (reach.may_leave_out(name)) reach.refuse(name, kNotNull, false);
      for (const Oid constraint : added)
        if (pg::check_fails_without(relation, constraint, reach.left_out(now)))
          reach.refuse(pg::constraint_column(constraint), kCheck, false);
    }
  }
}

}  // namespace strata::upkeep
