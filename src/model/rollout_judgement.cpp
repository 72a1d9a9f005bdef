// Owns: the rules of judgement (see rollout_judgement.hpp).
#include "model/rollout_judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "model/json.hpp"
#include "model/json_value.hpp"

namespace strata::model {
namespace {

Counted operator-(const Counted& a, const Counted& b) {
  return {a.calls - b.calls, a.errors - b.errors, a.microseconds - b.microseconds};
}

bool has_shrunk(const Counted& now, const Counted& from) {
  return now.calls < from.calls || now.errors < from.errors || now.microseconds < from.microseconds;
}

double ratio(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

double mean(const Counted& counted) {
  return ratio(counted.microseconds, counted.calls);
}

struct Judged {
  Verdict verdict;
  std::string said;
};

std::string too_few(const Counted& candidate, const RolloutCheck& check) {
  return fmt::format("{} of at least {} statements of the candidate.", candidate.calls,
                     check.min_samples);
}

Judged judge_errors(const RolloutCheck& check, const Counted& candidate, const Counted& stable) {
  const double limit = ratio(stable.errors, stable.calls) + check.max_increase;
  const double found = ratio(candidate.errors, candidate.calls);
  const std::string said = fmt::format(
      "{} of {} statements of the candidate failed ({:.4f}), of stable {} of {} "
      "({:.4f}); the limit is {:.4f}.",
      candidate.errors, candidate.calls, found, stable.errors, stable.calls,
      ratio(stable.errors, stable.calls), limit);
  const auto errors = static_cast<double>(candidate.errors);
  if (candidate.calls >= check.min_samples)
    return {found > limit ? Verdict::kFailed : Verdict::kPassed, said};
  // Not even if all that are missing succeed.
  if (errors > limit * static_cast<double>(check.min_samples)) return {Verdict::kFailed, said};
  return {Verdict::kUndecided, too_few(candidate, check)};
}

Judged judge_latency(const RolloutCheck& check, const Counted& candidate, const Counted& stable) {
  if (candidate.calls < check.min_samples) return {Verdict::kUndecided, too_few(candidate, check)};
  const double found = mean(candidate);
  if (check.max && found > static_cast<double>(*check.max))
    return {Verdict::kFailed,
            fmt::format("A statement of the candidate takes {:.0f} us on average; at most {} may "
                        "be.",
                        found, *check.max)};
  if (stable.calls == 0) {
    if (check.max)
      return {Verdict::kPassed,
              fmt::format("A statement of the candidate takes {:.0f} us on average.", found)};
    return {Verdict::kUndecided, "There are too few statements of stable to compare with."};
  }
  const double limit = mean(stable) * check.max_ratio + static_cast<double>(check.floor);
  return {found > limit ? Verdict::kFailed : Verdict::kPassed,
          fmt::format("A statement of the candidate takes {:.0f} us on average, of stable {:.0f}; "
                      "the limit is {:.0f}.",
                      found, mean(stable), limit)};
}

void note(const Judged& judged, CheckState& state) {
  state.last = judged.verdict;
  state.said = judged.said;
  if (judged.verdict == Verdict::kPassed) state.passed++;
  if (judged.verdict == Verdict::kFailed) state.failed++;
}

std::string written(const Counted& counted) {
  return fmt::format("[{}, {}, {}]", counted.calls, counted.errors, counted.microseconds);
}

int64_t number(std::string_view text) {
  int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

Counted read_counted(const JsonValue* value) {
  if (value == nullptr || value->items.size() != 3) return {};
  return {number(value->items[0].text), number(value->items[1].text), number(value->items[2].text)};
}

CheckState read_state(const JsonValue& value) {
  CheckState out;
  out.passed = static_cast<int32_t>(number(value.member("passed")));
  out.failed = static_cast<int32_t>(number(value.member("failed")));
  const std::string last = value.member("last");
  for (const Verdict verdict : {Verdict::kPassed, Verdict::kFailed, Verdict::kUndecided})
    if (last == name(verdict)) out.last = verdict;
  out.said = value.member("said");
  out.from = {read_counted(value.find("stable_from")), read_counted(value.find("candidate_from"))};
  out.baseline = read_counted(value.find("baseline"));
  return out;
}

}  // namespace

void judge(const RolloutCheck& check, const Sample& now, CheckState& state) {
  if (has_shrunk(now.stable, state.from.stable) ||
      has_shrunk(now.candidate, state.from.candidate)) {
    state.from = now;
    state.last = Verdict::kUndecided;
    state.said = "What had been counted was reset; counting begins anew.";
    return;
  }
  const Counted candidate = now.candidate - state.from.candidate;
  const Counted seen = now.stable - state.from.stable;
  // Of a window in which stable was hardly used one would learn nothing.
  const bool enough = seen.calls >= check.min_samples;
  const Counted stable = enough ? seen : state.baseline;
  const Judged judged = check.kind == RolloutCheck::Kind::kErrorRatio
                            ? judge_errors(check, candidate, stable)
                            : judge_latency(check, candidate, stable);
  note(judged, state);
  if (judged.verdict == Verdict::kUndecided) return;
  if (enough) state.baseline = seen;
  state.from = now;
}

void judge_answer(std::optional<bool> answer, const std::string& why, CheckState& state) {
  if (!answer)
    note({Verdict::kUndecided, why}, state);
  else if (*answer)
    note({Verdict::kPassed, "The query said true."}, state);
  else
    note({Verdict::kFailed, "The query said false."}, state);
}

StepOutcome outcome(const RolloutStep& step, const std::vector<CheckState>& states,
                    int64_t elapsed) {
  std::string open;
  for (size_t i = 0; i < step.checks.size(); i++) {
    const RolloutCheck& check = step.checks[i];
    const CheckState& state = states[i];
    if (state.failed > check.failure_limit)
      return {StepOutcome::Kind::kFailed,
              fmt::format("Check \"{}\" failed: {}", check.name, state.said)};
    // A window that grows says nothing against the one before; a query that fails does.
    const bool silent = check.kind == RolloutCheck::Kind::kSql && state.last == Verdict::kUndecided;
    if ((state.passed == 0 || silent) && open.empty())
      open = fmt::format("Waits for check \"{}\": {}", check.name,
                         state.said.empty() ? "not judged yet." : state.said);
  }
  if (elapsed < step.bake) return {StepOutcome::Kind::kWait, "Bakes."};
  if (!open.empty()) return {StepOutcome::Kind::kWait, open};
  return {StepOutcome::Kind::kDone,
          step.checks.empty() ? "The time is over." : "The time is over and all checks passed."};
}

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kUndecided:
      return "undecided";
    case Verdict::kNone:
      break;
  }
  return "none";
}

std::string write_states(const std::vector<RolloutCheck>& checks,
                         const std::vector<CheckState>& states) {
  std::string out;
  for (size_t i = 0; i < checks.size(); i++) {
    const CheckState& state = states[i];
    out += fmt::format(R"({}{{"name": {}, "passed": {}, "failed": {}, "last": "{}", "said": {}, )"
                       R"("stable_from": {}, "candidate_from": {}, "baseline": {}}})",
                       out.empty() ? "" : ", ", json_string(checks[i].name), state.passed,
                       state.failed, name(state.last), json_string(state.said),
                       written(state.from.stable), written(state.from.candidate),
                       written(state.baseline));
  }
  return "[" + out + "]";
}

std::vector<CheckState> read_states(std::string_view json,
                                    const std::vector<RolloutCheck>& checks) {
  std::vector<CheckState> out(checks.size());
  const auto read = read_json(json);
  if (!read) return out;
  for (const JsonValue& value : read->items)
    for (size_t i = 0; i < checks.size(); i++)
      if (value.member("name") == checks[i].name) out[i] = read_state(value);
  return out;
}

std::vector<CheckState> begin_states(const std::vector<RolloutCheck>& checks, const Sample& now,
                                     const std::vector<RolloutCheck>& before,
                                     const std::vector<CheckState>& states) {
  std::vector<CheckState> out(checks.size());
  for (size_t i = 0; i < checks.size(); i++) {
    out[i].from = now;
    for (size_t j = 0; j < before.size(); j++)
      if (before[j].name == checks[i].name) out[i].baseline = states[j].baseline;
  }
  return out;
}

}  // namespace strata::model
