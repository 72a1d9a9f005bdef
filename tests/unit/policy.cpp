// Policies to verdicts.
#include "model/policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace strata::model;

namespace {

HazardSet set_of(std::initializer_list<Hazard> hazards) {
  HazardSet out;
  for (const Hazard hazard : hazards)
    out.add(hazard);
  return out;
}

Case happens(std::initializer_list<Hazard> hazards, std::string_view base = "shop",
             int64_t bytes = 0) {
  return {set_of(hazards), bytes, base, {}};
}

}  // namespace

TEST(Action, NamesLeadBack) {
  for (const Action action : {Action::Allow, Action::Warn, Action::Window, Action::Approval,
                              Action::WindowAndApproval, Action::Refuse})
    EXPECT_EQ(action_named(name(action)), action);
  EXPECT_EQ(action_named("permit"), std::nullopt);
  EXPECT_EQ(action_named(""), std::nullopt);
}

TEST(Action, BothIsTheLeastThatAsksForAll) {
  EXPECT_EQ(both(Action::Window, Action::Approval), Action::WindowAndApproval);
  EXPECT_EQ(both(Action::Approval, Action::Window), Action::WindowAndApproval);
  EXPECT_EQ(both(Action::Warn, Action::Allow), Action::Warn);
  EXPECT_EQ(both(Action::Warn, Action::Window), Action::Window);
  EXPECT_EQ(both(Action::Refuse, Action::WindowAndApproval), Action::Refuse);
  EXPECT_EQ(both(Action::WindowAndApproval, Action::Approval), Action::WindowAndApproval);
}

TEST(Policies, NoneAllows) {
  const Policies none;
  const Verdict verdict = none.judge(happens({Hazard::DataLoss}));
  EXPECT_EQ(verdict.action, Action::Allow);
  EXPECT_EQ(verdict.because[0], nullptr);
}

TEST(Policies, OnlyItsHazardMatches) {
  const Policies policies({{1, Hazard::DataLoss, Action::Refuse, "", 0}});
  EXPECT_EQ(policies.judge(happens({Hazard::DataLoss})).action, Action::Refuse);
  EXPECT_EQ(policies.judge(happens({Hazard::Rewrite})).action, Action::Allow);
  EXPECT_EQ(policies.judge(happens({})).action, Action::Allow);
}

TEST(Policies, OfAnotherBaseDoNotMatch) {
  const Policies policies({{1, Hazard::DataLoss, Action::Refuse, "shop", 0}});
  EXPECT_EQ(policies.judge(happens({Hazard::DataLoss}, "shop")).action, Action::Refuse);
  EXPECT_EQ(policies.judge(happens({Hazard::DataLoss}, "bank")).action, Action::Allow);
  EXPECT_EQ(policies.judge(happens({Hazard::DataLoss}, "")).action, Action::Allow);
}

TEST(Policies, ABaseCanBeStricterButNotLaxer) {
  const Policies policies({{1, Hazard::DataLoss, Action::Window, "", 0},
                           {2, Hazard::DataLoss, Action::Refuse, "shop", 0},
                           {3, Hazard::DataLoss, Action::Allow, "bank", 0}});
  const Verdict shop = policies.judge(happens({Hazard::DataLoss}, "shop"));
  EXPECT_EQ(shop.action, Action::Refuse);
  ASSERT_NE(shop.because[0], nullptr);
  EXPECT_EQ(shop.because[0]->id, 2);
  EXPECT_EQ(policies.judge(happens({Hazard::DataLoss}, "bank")).action, Action::Window);
}

TEST(Policies, WindowAndApprovalOfTwoPoliciesAddUp) {
  const Policies policies({{1, Hazard::DataLoss, Action::Window, "", 0},
                           {2, Hazard::Rewrite, Action::Approval, "shop", 0}});
  const Verdict verdict = policies.judge(happens({Hazard::DataLoss, Hazard::Rewrite}));
  EXPECT_EQ(verdict.action, Action::WindowAndApproval);
  ASSERT_NE(verdict.because[0], nullptr);
  ASSERT_NE(verdict.because[1], nullptr);
  EXPECT_EQ(verdict.because[0]->id + verdict.because[1]->id, 3);
}

TEST(Policies, BytesDecide) {
  const Policies policies(
      {{1, Hazard::Rewrite, Action::Refuse, "", 1000}, {2, Hazard::Rewrite, Action::Warn, "", 0}});
  EXPECT_EQ(policies.judge(happens({Hazard::Rewrite}, "shop", 999)).action, Action::Warn);
  EXPECT_EQ(policies.judge(happens({Hazard::Rewrite}, "shop", 1000)).action, Action::Refuse);
  EXPECT_EQ(policies.judge(happens({Hazard::Rewrite}, "shop", 1001)).action, Action::Refuse);
}

TEST(Policies, UnknownBytesAreLarge) {
  const Policies policies({{1, Hazard::Rewrite, Action::Refuse, "", INT64_MAX}});
  EXPECT_EQ(policies.judge(happens({Hazard::Rewrite}, "shop", -1)).action, Action::Refuse);
  EXPECT_EQ(policies.judge(happens({Hazard::Rewrite}, "shop", 0)).action, Action::Allow);
}

TEST(Policies, ALaxerPolicyForMoreBytesTakesNothingBack) {
  const Policies policies(
      {{1, Hazard::Scan, Action::Refuse, "", 10}, {2, Hazard::Scan, Action::Allow, "", 20}});
  EXPECT_EQ(policies.judge(happens({Hazard::Scan}, "shop", 30)).action, Action::Refuse);
}

TEST(Policies, SurviveAMove) {
  Policies from({{7, Hazard::DataLoss, Action::Refuse, "shop", 0}});
  const Policies to(std::move(from));
  const Verdict verdict = to.judge(happens({Hazard::DataLoss}));
  ASSERT_NE(verdict.because[0], nullptr);
  EXPECT_EQ(verdict.because[0]->id, 7);
}

TEST(Exempt, OwnAndTemporaryObjectsFromAllButTheGuardItself) {
  for (unsigned i = 0; i < kHazards; i++) {
    const auto hazard = static_cast<Hazard>(i);
    const bool expected = hazard != Hazard::ControlPlane && hazard != Hazard::Unanalyzable;
    EXPECT_EQ(exempt(hazard, {.made_here = true}), expected) << name(hazard);
    EXPECT_EQ(exempt(hazard, {.temporary = true}), expected) << name(hazard);
    EXPECT_FALSE(exempt(hazard, {})) << name(hazard);
  }
}

TEST(Exempt, EmptyTablesLoseNothingButBreakReaders) {
  EXPECT_TRUE(exempt(Hazard::DataLoss, {.empty = true}));
  EXPECT_TRUE(exempt(Hazard::Rewrite, {.empty = true}));
  EXPECT_FALSE(exempt(Hazard::BreaksReaders, {.empty = true}));
  EXPECT_FALSE(exempt(Hazard::Exposure, {.empty = true}));
  EXPECT_FALSE(exempt(Hazard::IntegrityLoss, {.empty = true}));
}

TEST(Exempt, SmallTablesLoseDataAsLargeOnesDo) {
  EXPECT_TRUE(exempt(Hazard::Scan, {.small = true}));
  EXPECT_FALSE(exempt(Hazard::DataLoss, {.small = true}));
  EXPECT_FALSE(exempt(Hazard::Irreversible, {.small = true}));
}

TEST(Rules, Defaults) {
  const Rules rules;
  EXPECT_EQ(rules.needed("shop", Risk::Low, false), 0);
  EXPECT_EQ(rules.needed("shop", Risk::Moderate, false), 0);
  EXPECT_EQ(rules.needed("shop", Risk::High, false), 1);
  EXPECT_EQ(rules.needed("shop", Risk::Critical, false), 2);
}

TEST(Rules, SomebodyLooksWhereAPolicyAsks) {
  Rules rules;
  EXPECT_EQ(rules.needed("shop", Risk::Low, true), 1);
  EXPECT_EQ(rules.needed("shop", Risk::Critical, true), 2);
  rules.set("shop", Risk::Low, 0);
  EXPECT_EQ(rules.needed("shop", Risk::Low, true), 0);
}

TEST(Rules, OfABaseComeBeforeThoseForAll) {
  Rules rules;
  rules.set("", Risk::High, 3);
  rules.set("shop", Risk::High, 1);
  EXPECT_EQ(rules.needed("shop", Risk::High, true), 1);
  EXPECT_EQ(rules.needed("bank", Risk::High, true), 3);
}

// The index against the definition, on random policies: every matching policy is looked at.
TEST(Policies, AgreeWithLookingAtEach) {
  std::mt19937 random(42);
  const auto upto = [&](unsigned n) { return random() % n; };
  for (int round = 0; round < 200; round++) {
    std::vector<Policy> list(upto(60));
    for (Policy& policy : list)
      policy = {static_cast<int64_t>(upto(1000)), static_cast<Hazard>(upto(kHazards)),
                static_cast<Action>(upto(6)), std::string(upto(3), 'b'),
                static_cast<int64_t>(upto(5))};
    const Policies policies(list);
    for (int i = 0; i < 50; i++) {
      HazardSet hazards;
      for (unsigned n = upto(4); n > 0; n--)
        hazards.add(static_cast<Hazard>(upto(kHazards)));
      const std::string base(1 + upto(2), 'b');
      const auto bytes = static_cast<int64_t>(upto(6)) - 1;
      Action expected = Action::Allow;
      for (const Policy& policy : list)
        if (hazards.has(policy.hazard) && (policy.base.empty() || policy.base == base) &&
            (bytes < 0 || bytes >= policy.min_bytes))
          expected = both(expected, policy.action);
      const Verdict verdict = policies.judge({hazards, bytes, base, {}});
      ASSERT_EQ(verdict.action, expected);
      Action because = Action::Allow;
      for (const Policy* policy : verdict.because)
        if (policy != nullptr) because = both(because, policy->action);
      ASSERT_EQ(because, expected);
    }
  }
}

TEST(Policies, TenThousandCostAsOne) {
  std::vector<Policy> list;
  for (int i = 0; i < 10000; i++)
    list.push_back({i, static_cast<Hazard>(i % kHazards), static_cast<Action>(i % 5),
                    i % 3 == 0 ? "" : "base" + std::to_string(i % 500), i});
  const Policies policies(list);
  HazardSet all;
  for (unsigned i = 0; i < kHazards; i++)
    all.add(static_cast<Hazard>(i));
  int strict = 0;
  for (int i = 0; i < 100000; i++)
    strict += policies.judge({all, i, "base7", {}}).action == Action::Refuse ? 1 : 0;
  EXPECT_EQ(strict, 0);
}
