// Gates: the order of evaluation, and the split with its published vectors (docs/gates.md).
#include "model/gate.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

using namespace strata::model;
using Reason = GateDecision::Reason;

namespace {

Gate half() {
  Gate gate;
  gate.key = "shop";
  gate.stable = "v1";
  gate.candidate = "v2";
  gate.weight_ppm = 500000;
  return gate;
}

GateClient client(const std::string& role) {
  GateClient out;
  out.role = role;
  return out;
}

GateRule rule(int32_t priority, std::string_view match, const std::string& serve) {
  std::string problem;
  return {priority, read_match(match, problem).value(), serve};
}

// A million places, in the order of their units.
const std::vector<uint64_t>& places() {
  static const auto* const made = [] {
    auto* out = new std::vector<uint64_t>();
    for (int i = 0; i < 1000000; i++)
      out->push_back(gate_bucket("spring", "shop", "unit-" + std::to_string(i)));
    return out;
  }();
  return *made;
}

}  // namespace

TEST(Bucket, Vectors) {
  struct Vector {
    const char *salt, *key, *unit;
    uint64_t bucket;
  };
  // Computed by tests/gates/vectors.py, which shares no code with the library.
  constexpr std::array<Vector, 6> vectors = {
      {{"", "shop", "app", 1638478159605673457ULL},
       {"", "shop", "tenant 7", 322558475630441378ULL},
       {"spring", "shop", "tenant 7", 15313204107685815959ULL},
       {"", "Order Desk", "tenant 7", 7230280950060843984ULL},
       {"", "shop",
        "gr\xc3\xbc\xc3\x9f"
        "e",
        13379518241852493010ULL},
       {"salt", "key", "", 15421991907419943378ULL}}};
  for (const Vector& known : vectors)
    EXPECT_EQ(gate_bucket(known.salt, known.key, known.unit), known.bucket) << known.unit;
}

TEST(Bucket, PartsAreKeptApart) {
  EXPECT_NE(gate_bucket("a", "b", "c"), gate_bucket("ab", "", "c"));
  EXPECT_NE(gate_bucket("", "ab", "c"), gate_bucket("", "a", "bc"));
}

TEST(Split, EdgesAreExact) {
  EXPECT_FALSE(in_split(0, 0));
  EXPECT_FALSE(in_split(0, -1));
  EXPECT_TRUE(in_split(0, 1));
  EXPECT_TRUE(in_split(UINT64_MAX, 1000000));
  EXPECT_FALSE(in_split(UINT64_MAX, 999999));
  // 2^64 / 1,000,000 = 18446744073709.551616
  EXPECT_TRUE(in_split(18446744073709ULL, 1));
  EXPECT_FALSE(in_split(18446744073710ULL, 1));
  // A half is exact.
  EXPECT_TRUE(in_split((uint64_t{1} << 63) - 1, 500000));
  EXPECT_FALSE(in_split(uint64_t{1} << 63, 500000));
}

TEST(Split, SharesAreWithinTheBound) {
  for (const int32_t weight : {0, 1, 10000, 500000, 1000000}) {
    int64_t in = 0;
    for (const uint64_t place : places())
      in += in_split(place, weight) ? 1 : 0;
    const double share = weight / 1e6;
    const double expected = static_cast<double>(places().size()) * share;
    // 99.9 % of a binomial distribution, both sides; for a single expected one, Poisson's.
    const double bound = weight == 1 ? 5 : 3.2905 * std::sqrt(expected * (1 - share));
    EXPECT_LE(std::abs(static_cast<double>(in) - expected), bound) << weight;
  }
}

TEST(Split, NobodyLeavesWhenTheWeightRises) {
  for (const uint64_t place : places()) {
    bool in = false;
    for (const int32_t weight : {0, 1, 100, 10000, 250000, 500000, 500001, 999999, 1000000}) {
      const bool now = in_split(place, weight);
      ASSERT_TRUE(now || !in) << place << " left at " << weight;
      in = now;
    }
    ASSERT_TRUE(in);
  }
}

TEST(Decide, KillSwitchComesFirst) {
  Gate gate = half();
  gate.weight_ppm = kWholeWeight;
  gate.rules = {rule(1, "{}", "v2")};
  EXPECT_EQ(decide(gate, client("app")).version, "v2");
  gate.enabled = false;
  const GateDecision decision = decide(gate, client("app"));
  EXPECT_EQ(decision.version, "v1");
  EXPECT_EQ(decision.reason, Reason::kKillSwitch);
}

TEST(Decide, RulesComeBeforeTheSplit) {
  Gate gate = half();
  gate.weight_ppm = kWholeWeight;
  gate.rules = read_rules(R"([{"priority": 20, "match": {}, "serve": "v3"},
                              {"priority": 10, "match": {"role": "app"}, "serve": "v0"}])");
  EXPECT_EQ(decide(gate, client("app")).version, "v0");
  EXPECT_EQ(decide(gate, client("app")).rule->priority, 10);
  EXPECT_EQ(decide(gate, client("other")).version, "v3");
  EXPECT_EQ(decide(gate, client("other")).reason, Reason::kRule);
}

TEST(Decide, WithoutUnitOrCandidateItIsStable) {
  Gate gate = half();
  gate.weight_ppm = kWholeWeight;
  EXPECT_EQ(decide(gate, client("app")).reason, Reason::kSplit);
  gate.unit = GateUnit::kSetting;
  EXPECT_EQ(decide(gate, client("app")).version, "v1");
  EXPECT_EQ(decide(gate, client("app")).reason, Reason::kDefault);
  GateClient tenant = client("app");
  tenant.unit = "tenant 7";
  EXPECT_EQ(decide(gate, tenant).version, "v2");
  EXPECT_EQ(decide(gate, tenant).unit, "tenant 7");
  gate.candidate.clear();
  EXPECT_EQ(decide(gate, tenant).version, "v1");
  EXPECT_EQ(decide(gate, tenant).reason, Reason::kDefault);
}

TEST(Decide, UnitsOfTheGate) {
  Gate gate = half();
  GateClient all = client("app");
  all.application_name = "psql";
  all.address = "192.0.2.1";
  EXPECT_EQ(decide(gate, all).unit, "app");
  gate.unit = GateUnit::kApplicationName;
  EXPECT_EQ(decide(gate, all).unit, "psql");
  gate.unit = GateUnit::kClientAddress;
  EXPECT_EQ(decide(gate, all).unit, "192.0.2.1");
  for (const GateUnit unit :
       {GateUnit::kRole, GateUnit::kApplicationName, GateUnit::kClientAddress, GateUnit::kSetting})
    EXPECT_EQ(gate_unit_named(name(unit)), unit);
  EXPECT_EQ(gate_unit_named("tenant"), std::nullopt);
}

TEST(Rules, WhatIsNoRuleIsLeftOut) {
  EXPECT_TRUE(read_rules("").empty());
  EXPECT_TRUE(read_rules("{}").empty());
  EXPECT_EQ(read_rules(R"([1, {"priority": "x", "match": {}}, {"match": {}},
                           {"priority": 1, "match": {"colour": "red"}, "serve": "v2"},
                           {"priority": 1, "match": {}, "serve": "v2"}])")
                .size(),
            1U);
}

TEST(Match, SaysWhatIsWrong) {
  std::string problem;
  EXPECT_FALSE(read_match("[]", problem));
  EXPECT_FALSE(read_match(R"({"colour": "red"})", problem));
  EXPECT_EQ(problem, "It has no key \"colour\".");
  EXPECT_FALSE(read_match(R"({"role": 1})", problem));
  EXPECT_FALSE(read_match(R"({"role": []})", problem));
  EXPECT_FALSE(read_match(R"({"client_addr": "10.0.0.0/33"})", problem));
  EXPECT_FALSE(read_match(R"({"client_addr": "10.0.0"})", problem));
}

TEST(Match, EveryKeyHasToHold) {
  GateClient who = client("app");
  who.groups = {"beta"};
  who.application_name = "billing-7";
  who.database = "shop";
  who.address = "192.0.2.77";
  const auto holds = [&](std::string_view match) {
    return matches(rule(1, match, "v").match, who, "tenant 7");
  };
  EXPECT_TRUE(holds("{}"));
  EXPECT_TRUE(holds(R"({"role": ["x", "app"], "member_of": "beta"})"));
  EXPECT_FALSE(holds(R"({"role": "app", "member_of": "gamma"})"));
  EXPECT_TRUE(holds(R"({"application_name": "billing%", "database": "shop"})"));
  EXPECT_FALSE(holds(R"({"application_name": "billing"})"));
  EXPECT_TRUE(holds(R"({"client_addr": ["2001:db8::/32", "192.0.2.64/26"]})"));
  EXPECT_FALSE(holds(R"({"client_addr": "192.0.2.0/26"})"));
  EXPECT_TRUE(holds(R"({"client_addr": "0.0.0.0/0"})"));
  EXPECT_TRUE(holds(R"({"unit": ["tenant 6", "tenant 7"]})"));
  EXPECT_FALSE(holds(R"({"unit": "tenant"})"));
  who.address = "2001:db8::1";
  EXPECT_TRUE(holds(R"({"client_addr": "2001:db8::/32"})"));
  who.address = "";
  EXPECT_FALSE(holds(R"({"client_addr": "0.0.0.0/0"})"));
}

TEST(Like, Patterns) {
  EXPECT_TRUE(is_like("", ""));
  EXPECT_TRUE(is_like("", "%"));
  EXPECT_FALSE(is_like("", "_"));
  EXPECT_TRUE(is_like("billing", "b%g"));
  EXPECT_TRUE(is_like("aXbXc", "a%b%c"));
  EXPECT_FALSE(is_like("aXbX", "a%b%c"));
  EXPECT_TRUE(is_like("mississippi", "m%iss%ip%i"));
  EXPECT_TRUE(is_like("a_c", "a\\_c"));
  EXPECT_FALSE(is_like("abc", "a\\_c"));
  EXPECT_TRUE(is_like("50%", "50\\%"));
  EXPECT_FALSE(is_like("500", "50\\%"));
  EXPECT_TRUE(is_like("gr\xc3\xbc\xc3\x9f", "gr__"));
  EXPECT_FALSE(is_like("gr\xc3\xbc\xc3\x9f", "gr____"));
}
