// Rollouts: how steps are read, and how they are judged (docs/rollouts.md).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/rollout_judgement.hpp"

using namespace strata::model;
using Kind = RolloutCheck::Kind;

namespace {

// "3 s" and "3 min" only.
std::optional<int64_t> seconds(const std::string& text) {
  const size_t blank = text.find(' ');
  if (blank == std::string::npos) return std::nullopt;
  const int64_t number = std::stoll(text.substr(0, blank)) * 1'000'000;
  if (text.substr(blank) == " s") return number;
  if (text.substr(blank) == " min") return number * 60;
  return std::nullopt;
}

std::vector<RolloutStep> steps(const std::string& json) {
  std::string problem;
  auto out = read_rollout_steps(json, seconds, problem);
  EXPECT_TRUE(out) << problem;
  return out.value_or(std::vector<RolloutStep>(1));
}

std::string problem_of(const std::string& json) {
  std::string problem = "none";
  EXPECT_FALSE(read_rollout_steps(json, seconds, problem));
  return problem;
}

RolloutCheck errors(double max_increase, int64_t min_samples) {
  RolloutCheck out;
  out.name = "errors";
  out.max_increase = max_increase;
  out.min_samples = min_samples;
  return out;
}

Sample sample(Counted stable, Counted candidate) {
  return {stable, candidate};
}

}  // namespace

TEST(Steps, SayWhatTheStepBeforeSaid) {
  const auto read = steps(
      R"([{"weight_ppm": 10000, "bake": "3 s", "interval": "1 s", "on_failure": "halt", "approval": true,
           "checks": [{"check": "latency", "max_ratio": 1.5, "floor": "2 s", "name": "slow"}]},
          {"weight_ppm": 500000},
          {"weight_ppm": 1000000, "bake": "1 min", "checks": [], "on_failure": "rollback"}])");
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0].bake, 3'000'000);
  EXPECT_EQ(read[0].interval, 1'000'000);
  EXPECT_EQ(read[0].on_failure, OnFailure::kHalt);
  EXPECT_TRUE(read[0].approval);
  ASSERT_EQ(read[0].checks.size(), 1U);
  EXPECT_EQ(read[0].checks[0].name, "slow");
  EXPECT_EQ(read[0].checks[0].floor, 2'000'000);
  EXPECT_EQ(read[1].bake, 3'000'000);
  EXPECT_EQ(read[1].checks.size(), 1U);
  EXPECT_FALSE(read[1].approval) << "asked for step by step";
  EXPECT_EQ(read[2].bake, 60'000'000);
  EXPECT_TRUE(read[2].checks.empty());
  EXPECT_EQ(read[2].on_failure, OnFailure::kRollback);
}

TEST(Steps, RefuseWhatIsTooLongOrTooLarge) {
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 1, "bake": "315360001 s"}])"),
            R"("bake" of step 1 is longer than 3650 days.)");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 1, "bake": "1 s", "interval": "9000000000000 s"}])"),
            R"("interval" of step 1 is longer than 3650 days.)");
  EXPECT_EQ(steps(R"([{"weight_ppm": 1, "bake": "315360000 s"}])")[0].bake, 315'360'000'000'000);
  const std::string huge(400, '9');
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 1, "bake": "1 s",
                            "checks": [{"check": "error_ratio", "max_increase": )" +
                       huge + "}]}]"),
            R"("max_increase" of check 1 of step 1 is no number from 0 to 1.)");
}

TEST(Steps, HaveACheckUnlessToldNotTo) {
  const auto read = steps(R"([{"weight_ppm": 1, "bake": "0 s"}])");
  ASSERT_EQ(read[0].checks.size(), 1U);
  EXPECT_EQ(read[0].checks[0].kind, Kind::kErrorRatio);
  EXPECT_EQ(read[0].checks[0].name, "error_ratio");
  EXPECT_EQ(read[0].on_failure, OnFailure::kRollback);
}

TEST(Steps, AreRefused) {
  EXPECT_EQ(problem_of("{}"), "It is no list of steps.");
  EXPECT_EQ(problem_of("[]"), "It is no list of steps.");
  EXPECT_EQ(problem_of("[1]"), "Step 1 is no object.");
  EXPECT_EQ(problem_of(R"([{"bake": "1 s"}])"), "\"weight_ppm\" of step 1 is missing.");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 1}])"), "\"bake\" of step 1 is missing.");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 0, "bake": "1 s"}])"),
            "\"weight_ppm\" of step 1 is no whole number from 1 to 1000000.");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 1.5, "bake": "1 s"}])"),
            "\"weight_ppm\" of step 1 is no whole number from 1 to 1000000.");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": "1", "bake": "1 s"}])"),
            "\"weight_ppm\" of step 1 is no whole number from 1 to 1000000.");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 5, "bake": "1 s"}, {"weight_ppm": 5}])"),
            "\"weight_ppm\" of step 2 is not above that of the step before.");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 5, "bake": "long"}])"),
            "\"bake\" of step 1 is no duration such as \"10 s\" or \"2 hours\".");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 5, "bake": "1 s", "wieght": 3}])"),
            "Step 1 has no \"wieght\".");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 5, "bake": "1 s", "interval": "0 s"}])"),
            "\"interval\" of step 1 is shorter than a tenth of a second.");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 5, "bake": "1 s", "on_failure": "cry"}])"),
            "\"on_failure\" of step 1 is neither halt nor rollback.");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 5, "bake": "1 s", "checks": [{"check": "moon"}]}])"),
            "\"check\" of check 1 of step 1 is none of error_ratio, latency and sql.");
  EXPECT_EQ(problem_of(R"([{"weight_ppm": 5, "bake": "1 s", "checks": [{"check": "sql"}]}])"),
            "\"sql\" of check 1 of step 1 is missing.");
  EXPECT_EQ(
      problem_of(
          R"([{"weight_ppm": 5, "bake": "1 s", "checks": [{"check": "sql", "sql": "x", "timeout": "2 min"}]}])"),
      "\"timeout\" of check 1 of step 1 is shorter than a millisecond or longer than a minute.");
  EXPECT_EQ(
      problem_of(
          R"([{"weight_ppm": 5, "bake": "1 s", "checks": [{"check": "error_ratio"}, {"check": "error_ratio"}]}])"),
      "Two checks of step 1 are called \"error_ratio\".");
  EXPECT_EQ(
      problem_of(R"([{"weight_ppm": 1000000, "bake": "1 s", "checks": [{"check": "latency"}]}])"),
      "Step 1 leaves nobody in the stable version, to compare the latency with.");
}

TEST(ErrorRatio, ComparesWithStableOfTheSameWindow) {
  const RolloutCheck check = errors(0.01, 100);
  CheckState state;
  judge(check, sample({1000, 20, 0}, {100, 3, 0}), state);
  EXPECT_EQ(state.last, Verdict::kPassed) << state.said;
  judge(check, sample({2000, 40, 0}, {200, 7, 0}), state);
  EXPECT_EQ(state.last, Verdict::kFailed) << "4 of 100 in this window: " << state.said;
  EXPECT_EQ(state.passed, 1);
  EXPECT_EQ(state.failed, 1);
}

TEST(ErrorRatio, WaitsForSamplesAndKeepsThem) {
  const RolloutCheck check = errors(0.05, 100);
  CheckState state;
  judge(check, sample({1000, 0, 0}, {60, 1, 0}), state);
  EXPECT_EQ(state.last, Verdict::kUndecided);
  EXPECT_EQ(state.from, Sample{});
  judge(check, sample({2000, 0, 0}, {110, 2, 0}), state);
  EXPECT_EQ(state.last, Verdict::kPassed) << state.said;
  EXPECT_EQ(state.from, (sample({2000, 0, 0}, {110, 2, 0})));
}

TEST(ErrorRatio, FailsAsSoonAsNothingCanHelp) {
  const RolloutCheck check = errors(0.05, 100);
  CheckState state;
  judge(check, sample({1000, 0, 0}, {20, 5, 0}), state);
  EXPECT_EQ(state.last, Verdict::kUndecided) << "5 of 100 would do";
  judge(check, sample({1000, 0, 0}, {21, 6, 0}), state);
  EXPECT_EQ(state.last, Verdict::kFailed) << state.said;
}

TEST(ErrorRatio, RemembersStableWhenNobodyUsesItAnyMore) {
  const RolloutCheck check = errors(0.01, 100);
  CheckState state;
  judge(check, sample({1000, 100, 0}, {100, 10, 0}), state);
  EXPECT_EQ(state.last, Verdict::kPassed);
  judge(check, sample({1001, 101, 0}, {300, 30, 0}), state);
  EXPECT_EQ(state.last, Verdict::kPassed) << state.said;
  const auto next = begin_states({check}, sample({1001, 101, 0}, {300, 30, 0}), {check}, {state});
  CheckState later = next[0];
  EXPECT_EQ(later.passed, 0);
  judge(check, sample({1001, 101, 0}, {400, 40, 0}), later);
  EXPECT_EQ(later.last, Verdict::kPassed) << later.said;
  CheckState never;
  judge(check, sample({0, 0, 0}, {100, 2, 0}), never);
  EXPECT_EQ(never.last, Verdict::kFailed) << "against none";
}

TEST(Windows, BeginAnewWhenCountersWereReset) {
  const RolloutCheck check = errors(0.01, 10);
  CheckState state;
  judge(check, sample({100, 0, 0}, {100, 0, 0}), state);
  judge(check, sample({5, 0, 0}, {5, 5, 0}), state);
  EXPECT_EQ(state.last, Verdict::kUndecided);
  EXPECT_EQ(state.failed, 0);
  judge(check, sample({50, 0, 0}, {50, 5, 0}), state);
  EXPECT_EQ(state.last, Verdict::kPassed) << state.said;
}

TEST(Latency, AllowsAFactorAndAFloor) {
  RolloutCheck check;
  check.kind = Kind::kLatency;
  check.max_ratio = 2;
  check.floor = 100;
  check.min_samples = 10;
  CheckState state;
  judge(check, sample({10, 0, 1000}, {10, 0, 3000}), state);
  EXPECT_EQ(state.last, Verdict::kPassed) << state.said;
  judge(check, sample({20, 0, 2000}, {20, 0, 6010}), state);
  EXPECT_EQ(state.last, Verdict::kFailed) << state.said;
  CheckState alone;
  judge(check, sample({0, 0, 0}, {10, 0, 10}), alone);
  EXPECT_EQ(alone.last, Verdict::kUndecided) << "nothing to compare with";
  check.max = 50;
  judge(check, sample({0, 0, 0}, {10, 0, 10}), alone);
  EXPECT_EQ(alone.last, Verdict::kPassed);
  judge(check, sample({100, 0, 100000}, {20, 0, 610}), alone);
  EXPECT_EQ(alone.last, Verdict::kFailed) << "slower than may be, whatever stable is";
}

TEST(Outcome, NeedsTimeAndEveryCheck) {
  auto read = steps(R"([{"weight_ppm": 1, "bake": "10 s", "checks": [
      {"check": "error_ratio", "failure_limit": 1}, {"check": "sql", "sql": "SELECT true"}]}])");
  RolloutStep& step = read[0];
  std::vector<CheckState> states(2);
  EXPECT_EQ(outcome(step, states, 99'000'000).kind, StepOutcome::Kind::kWait);
  judge_answer(true, "", states[1]);
  EXPECT_EQ(outcome(step, states, 99'000'000).reason,
            "Waits for check \"error_ratio\": not judged yet.");
  states[0].passed = 1;
  EXPECT_EQ(outcome(step, states, 9'000'000).kind, StepOutcome::Kind::kWait);
  EXPECT_EQ(outcome(step, states, 10'000'000).kind, StepOutcome::Kind::kDone);
  states[0].failed = 1;
  EXPECT_EQ(outcome(step, states, 10'000'000).kind, StepOutcome::Kind::kDone) << "it is borne";
  states[0].failed = 2;
  EXPECT_EQ(outcome(step, states, 1).kind, StepOutcome::Kind::kFailed);
  states[0].failed = 0;
  judge_answer(std::nullopt, "The query said nothing.", states[1]);
  EXPECT_EQ(outcome(step, states, 10'000'000).reason,
            "Waits for check \"sql\": The query said nothing.");
  judge_answer(false, "", states[1]);
  EXPECT_EQ(outcome(step, states, 1).reason, "Check \"sql\" failed: The query said false.");
}

TEST(States, SurviveBeingWritten) {
  const std::vector<RolloutCheck> checks = {errors(0.1, 5), [] {
                                              RolloutCheck sql;
                                              sql.name = "odd \"name\"";
                                              return sql;
                                            }()};
  std::vector<CheckState> states(2);
  judge(checks[0], sample({10, 1, 100}, {5, 0, 7}), states[0]);
  states[1].said = "A \\ and a\nline";
  states[1].failed = 3;
  const auto back = read_states(write_states(checks, states), checks);
  ASSERT_EQ(back.size(), 2U);
  for (size_t i = 0; i < 2; i++) {
    EXPECT_EQ(back[i].passed, states[i].passed);
    EXPECT_EQ(back[i].failed, states[i].failed);
    EXPECT_EQ(back[i].last, states[i].last);
    EXPECT_EQ(back[i].said, states[i].said);
    EXPECT_EQ(back[i].from, states[i].from);
    EXPECT_EQ(back[i].baseline, states[i].baseline);
  }
  EXPECT_EQ(read_states("nonsense", checks).size(), 2U);
  EXPECT_EQ(read_states("[]", checks)[0].passed, 0);
}
