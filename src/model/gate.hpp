// Which version a client gets: the evaluation of a gate. Plain C++, no server.
//
// The order is: kill switch, rules by priority, split, default. The rule of the split is written
// down in docs/gates.md with vectors that other implementations have to meet.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/gate_match.hpp"

namespace strata::model {

constexpr int32_t kWholeWeight = 1000000;  // parts per million

// Where the value that is hashed comes from when nobody says it: the session's user, its
// application_name, its address, or nowhere (pg_strata.unit alone).
enum class GateUnit { kRole, kApplicationName, kClientAddress, kSetting };

struct GateRule {
  int32_t priority = 0;  // the lowest comes first
  GateMatch match;
  std::string serve;
};

struct Gate {
  std::string key;  // what is hashed; the name that the base had when the gate was made
  std::string stable;
  std::string candidate;  // empty: none
  int32_t weight_ppm = 0;
  GateUnit unit = GateUnit::kRole;
  std::string salt;
  bool enabled = true;
  std::vector<GateRule> rules;  // in order of priority
};

struct GateDecision {
  enum class Reason { kKillSwitch, kRule, kSplit, kDefault };

  std::string_view version;  // of the gate or its rule, as long as that lives
  Reason reason = Reason::kDefault;
  const GateRule* rule = nullptr;  // kRule
  std::optional<uint64_t> bucket;  // kSplit
  std::string_view unit;           // of the client, what was hashed; empty: nothing
};

// Returns the place of a unit: the first 8 bytes of SHA-256(salt, 0x00, key, 0x00, unit),
// big-endian.
uint64_t gate_bucket(std::string_view salt, std::string_view key, std::string_view unit);

// Returns true when the bucket is below weight_ppm / 1,000,000 of all, exactly: what is in at one
// weight is in at every greater one.
bool in_split(uint64_t bucket, int32_t weight_ppm);

// Returns which version the client gets and why.
GateDecision decide(const Gate& gate, const GateClient& client);

// Reads rules as strata.gate keeps them: [{"priority": 1, "match": {...}, "serve": "v2"}, ...] in
// order of priority. What is not of that form was written by hand, and is left out.
std::vector<GateRule> read_rules(std::string_view json);
std::vector<GateRule> read_rules(const JsonValue& json);

// Returns the names of the roles whose members a rule of the gate is about.
std::set<std::string> groups_asked(const Gate& gate);

// Names of units and reasons, as in SQL: role, application_name, client_addr, setting; kill_switch,
// rule, split, default.
std::string_view name(GateUnit unit);
std::optional<GateUnit> gate_unit_named(std::string_view name);
std::string_view name(GateDecision::Reason reason);

}  // namespace strata::model
