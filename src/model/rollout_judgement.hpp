// Whether a step of a rollout goes well: what was counted of both versions since the last look, and
// what follows. Plain C++, no server, no clock.
//
// Each check looks at a window of its own. The window ends as soon as it has enough of the
// candidate to be judged, or as soon as no further statement could make it pass; until then it
// grows. So a small share is judged seldom, and a candidate that fails throughout is found out at
// the first look.
#pragma once

#include "model/rollout_steps.hpp"

namespace strata::model {

// What was counted of a version.
struct Counted {
  int64_t calls = 0;
  int64_t errors = 0;
  int64_t microseconds = 0;

  bool operator==(const Counted&) const = default;
};

// Of both versions, since ever.
struct Sample {
  Counted stable;
  Counted candidate;

  bool operator==(const Sample&) const = default;
};

enum class Verdict { kNone, kPassed, kFailed, kUndecided };

// Where a check stands within a step.
struct CheckState {
  int32_t passed = 0;
  int32_t failed = 0;
  Verdict last = Verdict::kNone;
  std::string said;  // of the last look
  Sample from;       // the window began with this
  Counted baseline;  // of stable, in the last window that had enough of it; also of earlier steps
};

// Judges a check of what is counted. Changes its state; the window begins anew when it is judged,
// or when counters were reset.
void judge(const RolloutCheck& check, const Sample& now, CheckState& state);

// The same for an SQL check: what the query said, and where it did not say true or false, why.
void judge_answer(std::optional<bool> answer, const std::string& why, CheckState& state);

// What becomes of a step.
struct StepOutcome {
  enum class Kind { kWait, kDone, kFailed };

  Kind kind = Kind::kWait;
  std::string reason;  // a sentence
};

// Returns what the states of the step's checks mean. `elapsed`: microseconds since the step began.
StepOutcome outcome(const RolloutStep& step, const std::vector<CheckState>& states,
                    int64_t elapsed);

// Names as in JSON: none, passed, failed, undecided.
std::string_view name(Verdict verdict);

// The states of the checks of a step as JSON, and back: [{"name": ..., "passed": 1, ...}, ...].
// What was written by hand and does not fit the step begins anew.
std::string write_states(const std::vector<RolloutCheck>& checks,
                         const std::vector<CheckState>& states);
std::vector<CheckState> read_states(std::string_view json, const std::vector<RolloutCheck>& checks);

// Returns the states with which another step begins: nothing judged, from this sample on, with the
// baselines of checks of the same name.
std::vector<CheckState> begin_states(const std::vector<RolloutCheck>& checks, const Sample& now,
                                     const std::vector<RolloutCheck>& before,
                                     const std::vector<CheckState>& states);

}  // namespace strata::model
