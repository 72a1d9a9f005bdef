// Owns: following columns of versions through changes of their bases (see column_lineage.hpp).
#include "model/column_lineage.hpp"

#include "model/sql_names.hpp"

#include <algorithm>

namespace strata::model {
namespace {

std::set<int> columns_in(const BaseRelation& relation, const std::set<std::string>& names) {
  std::set<int> out;
  for (const auto& [number, column] : relation.columns)
    if (names.contains(column.name)) out.insert(number);
  return out;
}

void renumber(VersionRelation& shown, const BaseRelation& from, const BaseRelation& to) {
  for (VersionColumn& column : shown.columns) {
    std::set<std::string> names;
    for (const int number : column.reads)
      if (const auto at = from.columns.find(number); at != from.columns.end())
        names.insert(at->second.name);
    column.reads = columns_in(to, names);
  }
}

}  // namespace

const BaseRelation* ColumnLineage::relation(uint32_t oid) const {
  const auto found = relations_.find(oid);
  return found == relations_.end() ? nullptr : &found->second;
}

uint32_t ColumnLineage::named(const std::string& schema, const std::string& name) const {
  const auto found = names_.find({schema, name});
  return found == names_.end() ? 0 : found->second;
}

void ColumnLineage::was(uint32_t oid, const BaseRelation& relation) {
  if (relations_.contains(oid)) return;
  const uint32_t former = named(relation.schema, relation.name);
  names_[{relation.schema, relation.name}] = oid;
  relations_[oid] = relation;
  if (former == 0) return;
  repoint(former, oid);
  relations_.erase(former);
}

void ColumnLineage::becomes(int64_t transaction, uint32_t oid,
                            const std::optional<BaseRelation>& relation) {
  const auto place = [](const BaseRelation& r) { return std::pair(r.schema, r.name); };
  if (const BaseRelation* known = this->relation(oid);
      known != nullptr && (!relation || place(*known) != place(*relation))) {
    const auto at = names_.find(place(*known));
    if (at != names_.end() && at->second == oid) names_.erase(at);
    if (std::any_of(shown_.begin(), shown_.end(),
                    [&](const VersionRelation& shown) { return shown.reads == oid; }))
      lost_[place(*known)] = {oid, relation ? std::optional(transaction) : std::nullopt};
  }
  // What is gone is kept for what takes its name: columns are followed by theirs.
  if (!relation) return;
  relations_[oid] = *relation;
  names_[place(*relation)] = oid;
  const auto lost = lost_.find(place(*relation));
  if (lost == lost_.end()) return;
  if (lost->second.oid != oid && lost->second.transaction.value_or(transaction) == transaction)
    repoint(lost->second.oid, oid);
  lost_.erase(lost);
}

void ColumnLineage::rename_base(const std::string& from, const std::string& to) {
  for (VersionRelation& shown : shown_)
    if (shown.base == from) shown.base = to;
}

std::vector<VersionRelation> ColumnLineage::publish(const std::string& base,
                                                    const std::string& version,
                                                    const std::string& schema) {
  std::vector<VersionRelation> out;
  for (const auto& [place, oid] : names_) {
    if (place.first != base) continue;
    VersionRelation shown{base, version, schema, place.second, oid, {}};
    for (const auto& [number, column] : relations_.at(oid).columns)
      shown.columns.push_back({column.name, column.type, {number}, {}});
    out.push_back(std::move(shown));
  }
  shown_.insert(shown_.end(), out.begin(), out.end());
  return out;
}

std::vector<VersionRelation> ColumnLineage::retire(const std::string& base,
                                                   const std::string& version) {
  const auto stays = [&](const VersionRelation& shown) {
    return shown.base != base || shown.version != version;
  };
  const auto gone = std::stable_partition(shown_.begin(), shown_.end(), stays);
  std::vector<VersionRelation> out(std::make_move_iterator(gone),
                                   std::make_move_iterator(shown_.end()));
  shown_.erase(gone, shown_.end());
  return out;
}

void ColumnLineage::replace_column(uint32_t oid, const std::string& column,
                                   const std::string& expression) {
  const BaseRelation* base = relation(oid);
  if (base == nullptr) return;
  const std::set<int> replaced = columns_in(*base, {column});
  const std::set<int> read = columns_in(*base, column_names_in(expression));
  if (replaced.empty()) return;
  for (VersionRelation& shown : shown_)
    if (shown.reads == oid)
      for (VersionColumn& one : shown.columns) {
        if (one.reads.erase(*replaced.begin()) == 0) continue;
        one.reads.insert(read.begin(), read.end());
        one.expression = expression;
      }
}

void ColumnLineage::reads(const std::string& base, const std::string& version,
                          const std::string& name, const std::string& column,
                          const std::string& expression, bool is_column) {
  for (VersionRelation& shown : shown_) {
    const BaseRelation* relation = this->relation(shown.reads);
    if (shown.base != base || shown.version != version || shown.name != name || relation == nullptr)
      continue;
    for (VersionColumn& one : shown.columns) {
      if (one.name != column) continue;
      one.reads = columns_in(*relation, column_names_in(expression));
      one.expression = is_column ? "" : expression;
    }
  }
}

void ColumnLineage::repoint(uint32_t from, uint32_t to) {
  const BaseRelation* former = relation(from);
  const BaseRelation* next = relation(to);
  if (former == nullptr || next == nullptr) return;
  for (VersionRelation& shown : shown_)
    if (shown.reads == from) {
      renumber(shown, *former, *next);
      shown.reads = to;
    }
}

}  // namespace strata::model
