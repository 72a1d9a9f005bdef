// Owns: loading and invalidating the session's policies and rules (see policies.hpp).
#include "guard/policies.hpp"

#include "pg/catalog_watch.hpp"
#include "pg/replaced.hpp"
#include "pg/table_scan.hpp"

namespace strata::guard {
namespace {

// Columns of the tables; the install script keeps these positions for ever.
enum PolicyColumns { kId = 1, kHazard, kAction, kBase, kMinBytes, kInstalled };
enum RuleColumns { kRuleBase = 1, kRuleRisk, kRuleApprovals };

struct Loaded {
  model::Policies policies;
  model::Rules rules;
};

Loaded* current = nullptr;
bool stale = true;
Oid policy_table = InvalidOid;
Oid rule_table = InvalidOid;

// A table that is not there yet has no OID to be told about; CREATE EXTENSION changes pg_class, and
// the first look at a database without the extension finds nothing to keep.
void forget(Oid relid) noexcept {
  if (relid == InvalidOid || relid == policy_table || relid == rule_table) stale = true;
}

std::vector<model::Policy> read_policies() {
  const pg::TableRows rows = pg::read_table("strata", "guard_policy");
  policy_table = rows.relid();
  using Key = std::tuple<std::string, std::string, int64_t>;
  const auto key = [&](int i) {
    return Key(rows.text(i, kHazard), rows.name(i, kBase), rows.int8(i, kMinBytes));
  };
  const auto installed = [&](int i) { return rows.int8(i, kInstalled) != 0; };
  std::set<Key> said;
  for (int i = 0; i < rows.count(); i++)
    if (!installed(i)) said.insert(key(i));
  std::vector<model::Policy> out;
  out.reserve(static_cast<size_t>(rows.count()));
  for (int i = 0; i < rows.count(); i++) {
    if (installed(i) && said.count(key(i)) != 0) continue;
    const auto hazard = model::hazard_named(rows.text(i, kHazard));
    const auto action = model::action_named(rows.text(i, kAction));
    // No action: dropped. An unknown hazard is one of a newer release, and happens nowhere here.
    if (hazard && action)
      out.push_back(
          {rows.int8(i, kId), *hazard, *action, rows.name(i, kBase), rows.int8(i, kMinBytes)});
  }
  return out;
}

model::Rules read_rules() {
  const pg::TableRows rows = pg::read_table("strata", "guard_rule");
  rule_table = rows.relid();
  model::Rules out;
  for (int i = 0; i < rows.count(); i++)
    if (const auto risk = model::risk_named(rows.text(i, kRuleRisk)))
      out.set(rows.name(i, kRuleBase), *risk, DatumGetInt32(rows.int8(i, kRuleApprovals)));
  return out;
}

const Loaded& loaded() {
  if (current != nullptr && !stale) return *current;
  // Cleared first: what arrives while reading makes the copy stale again.
  stale = false;
  try {
    auto fresh = std::make_unique<Loaded>();
    fresh->policies = model::Policies(read_policies());
    fresh->rules = read_rules();
    // Without the tables nobody would tell of their coming.
    if (!OidIsValid(policy_table) || !OidIsValid(rule_table)) stale = true;
    pg::Replaced<Loaded>::keep(current);  // verdicts may still point into it
    current = fresh.release();
  } catch (...) {
    stale = true;
    throw;
  }
  return *current;
}

}  // namespace

const model::Policies& policies() {
  return loaded().policies;
}

const model::Rules& rules() {
  return loaded().rules;
}

void watch_policies() {
  pg::Replaced<Loaded>::watch();
  pg::on_relation_change(forget);
}

}  // namespace strata::guard
