// Owns: the order of evaluation, and the split (see gate.hpp).
#include "model/gate.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "model/json_value.hpp"
#include "model/sha256.hpp"

namespace strata::model {
namespace {

__extension__ typedef unsigned __int128 Wide;

struct UnitName {
  GateUnit unit;
  std::string_view name;
};

constexpr std::array<UnitName, 4> kUnits = {{{GateUnit::kRole, "role"},
                                             {GateUnit::kApplicationName, "application_name"},
                                             {GateUnit::kClientAddress, "client_addr"},
                                             {GateUnit::kSetting, "setting"}}};

const std::string& unit_of(const Gate& gate, const GateClient& client) {
  static const std::string* const nowhere = new std::string();
  if (!client.unit.empty()) return client.unit;
  switch (gate.unit) {
    case GateUnit::kRole:
      return client.role;
    case GateUnit::kApplicationName:
      return client.application_name;
    case GateUnit::kClientAddress:
      return client.address;
    case GateUnit::kSetting:
      break;
  }
  return *nowhere;
}

}  // namespace

uint64_t gate_bucket(std::string_view salt, std::string_view key, std::string_view unit) {
  std::string hashed;
  hashed.reserve(salt.size() + key.size() + unit.size() + 2);
  hashed.append(salt).push_back('\0');
  hashed.append(key).push_back('\0');
  hashed.append(unit);
  const Digest digest = sha256(hashed);
  uint64_t out = 0;
  for (size_t i = 0; i < sizeof(out); i++)
    out = out << 8 | digest[i];
  return out;
}

bool in_split(uint64_t bucket, int32_t weight_ppm) {
  if (weight_ppm <= 0) return false;
  return static_cast<Wide>(bucket) * static_cast<Wide>(kWholeWeight) < static_cast<Wide>(weight_ppm)
                                                                           << 64;
}

GateDecision decide(const Gate& gate, const GateClient& client) {
  using Reason = GateDecision::Reason;
  if (!gate.enabled) return {gate.stable, Reason::kKillSwitch, nullptr, std::nullopt, {}};
  const std::string& unit = unit_of(gate, client);
  for (const GateRule& rule : gate.rules)
    if (matches(rule.match, client, unit))
      return {rule.serve, Reason::kRule, &rule, std::nullopt, unit};
  if (gate.candidate.empty() || unit.empty())
    return {gate.stable, Reason::kDefault, nullptr, std::nullopt, unit};
  const uint64_t bucket = gate_bucket(gate.salt, gate.key, unit);
  return {in_split(bucket, gate.weight_ppm) ? gate.candidate : gate.stable, Reason::kSplit, nullptr,
          bucket, unit};
}

std::vector<GateRule> read_rules(std::string_view json) {
  const auto read = read_json(json);
  return read_rules(read.value_or(JsonValue()));
}

std::vector<GateRule> read_rules(const JsonValue& json) {
  std::vector<GateRule> out;
  if (json.kind != JsonValue::Kind::kArray) return out;
  for (const JsonValue& item : json.items) {
    const JsonValue* const priority = item.find("priority");
    const JsonValue* const match = item.find("match");
    if (priority == nullptr || match == nullptr) continue;
    GateRule rule;
    const std::string_view digits = priority->text;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), rule.priority).ec !=
        std::errc())
      continue;
    std::string problem;
    const auto asked = read_match(*match, problem);
    if (!asked) continue;
    rule.match = *asked;
    rule.serve = item.member("serve");
    out.push_back(std::move(rule));
  }
  // Priorities differ. Not stable_sort: its buffer comes by a part of the C++ library that every
  // new backend would have to link first at the cost of all the rest.
  std::sort(out.begin(), out.end(),
            [](const GateRule& a, const GateRule& b) { return a.priority < b.priority; });
  return out;
}

std::set<std::string> groups_asked(const Gate& gate) {
  std::set<std::string> out;
  for (const GateRule& rule : gate.rules)
    out.insert(rule.match.groups.begin(), rule.match.groups.end());
  return out;
}

std::string_view name(GateUnit unit) {
  for (const UnitName& known : kUnits)
    if (known.unit == unit) return known.name;
  return {};
}

std::optional<GateUnit> gate_unit_named(std::string_view name) {
  for (const UnitName& known : kUnits)
    if (known.name == name) return known.unit;
  return std::nullopt;
}

std::string_view name(GateDecision::Reason reason) {
  switch (reason) {
    case GateDecision::Reason::kKillSwitch:
      return "kill_switch";
    case GateDecision::Reason::kRule:
      return "rule";
    case GateDecision::Reason::kSplit:
      return "split";
    case GateDecision::Reason::kDefault:
      break;
  }
  return "default";
}

}  // namespace strata::model
