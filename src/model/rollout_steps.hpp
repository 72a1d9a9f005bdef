// The steps of a rollout, as the user writes them: weights of the candidate, how long each is kept,
// and what is looked at meanwhile. Plain C++, no server.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::model {

// What is looked at while a step lasts.
struct RolloutCheck {
  enum class Kind { kErrorRatio, kLatency, kSql };

  Kind kind = Kind::kErrorRatio;
  std::string name;
  int64_t min_samples = 100;    // statements of the candidate that a judgement needs
  int32_t failure_limit = 0;    // so many failed judgements are borne
  double max_increase = 0.01;   // kErrorRatio: by so much the ratio may be above that of stable
  double max_ratio = 2.0;       // kLatency: by this factor the mean may be above that of stable ...
  int64_t floor = 1000;         // ... and by this many microseconds, which are no matter
  std::optional<int64_t> max;   // kLatency: microseconds that the mean may never exceed
  std::string sql;              // kSql: a query of one row with one boolean
  int64_t timeout = 5'000'000;  // kSql: microseconds
};

enum class OnFailure { kHalt, kRollback };

struct RolloutStep {
  int32_t weight_ppm = 0;
  int64_t bake = 0;               // microseconds that the step lasts at least
  int64_t interval = 10'000'000;  // microseconds from one look to the next
  OnFailure on_failure = OnFailure::kRollback;
  bool approval = false;  // somebody has to approve before the step begins
  std::vector<RolloutCheck> checks;
};

// Returns the microseconds of a duration as the user writes it ("5 s", "2 days"); nullopt when it
// is none, negative, or of months, which are not all of one length.
using DurationOf = std::function<std::optional<int64_t>(const std::string&)>;

// Reads [{"weight_ppm": 10000, "bake": "1 h", ...}, ...]. What a step does not say is as in the
// step before it, but for the weight, which has to rise from step to step, and the approval. Where
// the first step names no checks, it has one of the error ratio. Returns nullopt, and in `problem`
// a sentence that says what is wrong, when it is not of that form.
std::optional<std::vector<RolloutStep>> read_rollout_steps(std::string_view json,
                                                           const DurationOf& duration,
                                                           std::string& problem);

}  // namespace strata::model
