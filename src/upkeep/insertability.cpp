// Owns: the rule of insertability (see insertability.hpp).
#include "upkeep/insertability.hpp"

#include "catalog/base_columns.hpp"
#include "catalog/fills.hpp"
#include "catalog/relations.hpp"
#include "ddl/shape_after.hpp"
#include "mapping/inverse.hpp"
#include "pg/check_constraint.hpp"
#include "pg/expression.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "settings.hpp"

namespace strata::upkeep {
namespace {

// What INSERTs through a version view may leave out of the base table.
class Reach {
 public:
  explicit Reach(const catalog::VersionView& view)
      : view_(view),
        writes_(mapping::write_expressions(view_)),
        contract_(catalog::contract(view_.relation_id)) {}

  // Returns true when some client may leave the base column out, and nothing fills it then.
  bool may_leave_out(const std::string& column) const {
    if (catalog::is_filled(view_.base, column)) return false;
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

  std::set<AttrNumber> left_out(const std::map<AttrNumber, pg::Attribute>& columns) const {
    std::set<AttrNumber> out;
    for (const auto& [attnum, attribute] : columns)
      if (may_leave_out(attribute.name)) out.insert(attnum);
    return out;
  }

  [[noreturn]] void refuse(const std::string& column, const char* why, bool is_new) const {
    const catalog::Version* version = catalog::registry().version(view_.version_id);
    const std::string table = pg::relation_display(view_.base);
    const std::string fill = fmt::format("SELECT strata.fill_column({}, {}, 'expression');",
                                         pg::quote_literal(table), pg::quote_literal(column));
    throw Error(
        sqlstate::kBreaksVersion,
        fmt::format("inserts through version view {} would fail", pg::relation_display(view_.view)),
        fmt::format("Column \"{}\" of {} {}, and clients of version \"{}\" do not fill it.", column,
                    table, why, version ? version->version : "?"),
        is_new ? fmt::format("Give it a DEFAULT; or add it nullable, say what such inserts store, "
                             "and set it NOT NULL then: {}",
                             fill)
               : fmt::format("Give it a DEFAULT, or say what such inserts store: {}", fill));
  }

 private:
  const catalog::VersionView view_;
  const std::map<std::string, mapping::Write> writes_;
  const std::vector<catalog::ContractColumn> contract_;
};

constexpr const char* kNotNull = "is NOT NULL without a default";
constexpr const char* kKnownCheck = "must satisfy a CHECK constraint that leaving it out violates";
constexpr const char* kCheck = "must satisfy a new CHECK constraint that leaving it out violates";

// By value: what they are asked runs SQL.
std::vector<catalog::VersionView> views_with_inserts(Oid relation) {
  std::vector<catalog::VersionView> out;
  for (const catalog::VersionView* view : catalog::registry().views_of(relation))
    if (view->kind != catalog::Kind::kTwin) out.push_back(*view);
  return out;
}

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
