// Owns: the form of steps (see rollout_steps.hpp).
#include "model/rollout_steps.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <set>

#include "model/gate.hpp"
#include "model/json_value.hpp"

namespace strata::model {
namespace {

using Kind = JsonValue::Kind;

constexpr int64_t kShortestInterval = 100'000;

// Added to any time of this century, it is still a time that the server knows.
constexpr int64_t kLongestDuration = int64_t{3650} * 24 * 3600 * 1'000'000;
constexpr int64_t kLongestTimeout = 60'000'000;  // other rollouts of the database wait for it
constexpr size_t kMostSteps = 1000;

// A sentence that says what is wrong with the steps.
struct Problem {
  std::string sentence;
};

// Reads the members of one object, and says which one is wrong.
class Members {
 public:
  Members(const JsonValue& object, std::string where, const DurationOf& duration)
      : object_(object), where_(std::move(where)), duration_(duration) {
    if (object.kind != Kind::kObject) throw Problem{fmt::format("{} is no object.", where_)};
  }

  const JsonValue* find(const char* name) {
    known_.insert(name);
    return object_.find(name);
  }

  void duration(const char* name, int64_t& out) {
    const JsonValue* const value = find(name);
    if (value == nullptr) return;
    const auto read = value->kind == Kind::kString ? duration_(value->string()) : std::nullopt;
    if (!read) wrong(name, "is no duration such as \"10 s\" or \"2 hours\"");
    if (*read > kLongestDuration) wrong(name, "is longer than 3650 days");
    out = *read;
  }

  template <class T>
  void number(const char* name, T& out, double least, double most) {
    const JsonValue* const value = find(name);
    if (value == nullptr) return;
    double read = 0;
    // One that no double is near to is left out of `read`.
    const bool is_number =
        value->kind == Kind::kNumber &&
        std::from_chars(value->text.data(), value->text.data() + value->text.size(), read).ec ==
            std::errc();
    const bool whole = !std::is_integral_v<T> || read == std::floor(read);
    if (!is_number || !whole || !(read >= least && read <= most))
      wrong(name, fmt::format("is no {} from {} to {}",
                              std::is_integral_v<T> ? "whole number" : "number", least, most));
    out = static_cast<T>(read);
  }

  void boolean(const char* name, bool& out) {
    const JsonValue* const value = find(name);
    if (value == nullptr) return;
    if (value->kind != Kind::kBool) wrong(name, "is neither true nor false");
    out = value->text == "true";
  }

  std::optional<std::string> text(const char* name) {
    const JsonValue* const value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->kind != Kind::kString) wrong(name, "is no string");
    return value->string();
  }

  [[noreturn]] void wrong(const char* name, const std::string& what) const {
    throw Problem{fmt::format("\"{}\" of {} {}.", name, where_, what)};
  }

  // What was misspelt must not be taken for left out.
  void refuse_others() const {
    for (const JsonValue& member : object_.items)
      if (!known_.contains(member.name()))
        throw Problem{fmt::format("{} has no \"{}\".", where_, member.name())};
  }

 private:
  const JsonValue& object_;
  std::string where_;
  const DurationOf& duration_;
  std::set<std::string> known_;
};

RolloutCheck read_check(const JsonValue& value, const std::string& where,
                        const DurationOf& duration) {
  RolloutCheck out;
  Members members(value, where, duration);
  const std::string kind = members.text("check").value_or("");
  if (kind == "error_ratio") {
    out.kind = RolloutCheck::Kind::kErrorRatio;
    members.number("max_increase", out.max_increase, 0, 1);
  } else if (kind == "latency") {
    out.kind = RolloutCheck::Kind::kLatency;
    members.number("max_ratio", out.max_ratio, 1, 1e6);
    members.duration("floor", out.floor);
    if (members.find("max") != nullptr) members.duration("max", out.max.emplace());
  } else if (kind == "sql") {
    out.kind = RolloutCheck::Kind::kSql;
    out.sql = members.text("sql").value_or("");
    if (out.sql.empty()) members.wrong("sql", "is missing");
    members.duration("timeout", out.timeout);
    if (out.timeout < 1000 || out.timeout > kLongestTimeout)
      members.wrong("timeout", "is shorter than a millisecond or longer than a minute");
  } else {
    members.wrong("check", "is none of error_ratio, latency and sql");
  }
  if (out.kind != RolloutCheck::Kind::kSql) members.number("min_samples", out.min_samples, 1, 1e12);
  members.number("failure_limit", out.failure_limit, 0, 1e6);
  out.name = members.text("name").value_or(kind);
  members.refuse_others();
  return out;
}

void read_checks(const JsonValue& value, Members& members, const std::string& where,
                 const DurationOf& duration, std::vector<RolloutCheck>& out) {
  if (value.kind != Kind::kArray) members.wrong("checks", "is no list");
  out.clear();
  std::set<std::string> names;
  for (const JsonValue& item : value.items) {
    out.push_back(read_check(item, fmt::format("check {} of {}", out.size() + 1, where), duration));
    if (!names.insert(out.back().name).second)
      throw Problem{fmt::format("Two checks of {} are called \"{}\".", where, out.back().name)};
  }
}

RolloutStep read_step(const JsonValue& value, const RolloutStep* before, size_t number,
                      const DurationOf& duration) {
  RolloutStep out = before != nullptr ? *before : RolloutStep{};
  if (before == nullptr) out.checks.emplace_back().name = "error_ratio";
  out.approval = false;
  const std::string where = fmt::format("step {}", number);
  Members members(value, where, duration);
  if (members.find("weight_ppm") == nullptr) members.wrong("weight_ppm", "is missing");
  members.number("weight_ppm", out.weight_ppm, 1, kWholeWeight);
  if (before != nullptr && out.weight_ppm <= before->weight_ppm)
    members.wrong("weight_ppm", "is not above that of the step before");
  if (before == nullptr && members.find("bake") == nullptr) members.wrong("bake", "is missing");
  members.duration("bake", out.bake);
  members.duration("interval", out.interval);
  if (out.interval < kShortestInterval)
    members.wrong("interval", "is shorter than a tenth of a second");
  members.boolean("approval", out.approval);
  if (const auto action = members.text("on_failure")) {
    if (*action != "halt" && *action != "rollback")
      members.wrong("on_failure", "is neither halt nor rollback");
    out.on_failure = *action == "halt" ? OnFailure::kHalt : OnFailure::kRollback;
  }
  if (const JsonValue* const checks = members.find("checks"))
    read_checks(*checks, members, where, duration, out.checks);
  members.refuse_others();
  return out;
}

// Where nobody has ever used the stable version there is nothing to compare with.
void refuse_without_stable(const RolloutStep& first) {
  if (first.weight_ppm < kWholeWeight) return;
  for (const RolloutCheck& check : first.checks)
    if (check.kind == RolloutCheck::Kind::kLatency && !check.max)
      throw Problem{"Step 1 leaves nobody in the stable version, to compare the latency with."};
}

}  // namespace

std::optional<std::vector<RolloutStep>> read_rollout_steps(std::string_view json,
                                                           const DurationOf& duration,
                                                           std::string& problem) {
  const auto read = read_json(json);
  try {
    if (!read || read->kind != Kind::kArray || read->items.empty())
      throw Problem{"It is no list of steps."};
    if (read->items.size() > kMostSteps)
      throw Problem{fmt::format("There are more than {} steps.", kMostSteps)};
    std::vector<RolloutStep> out;
    for (const JsonValue& item : read->items)
      out.push_back(read_step(item, out.empty() ? nullptr : &out.back(), out.size() + 1, duration));
    refuse_without_stable(out.front());
    return out;
  } catch (const Problem& found) {
    problem = found.sentence;
    // The first letter is of a sentence.
    if (!problem.empty() && problem[0] >= 'a' && problem[0] <= 'z')
      problem[0] = static_cast<char>(problem[0] - 'a' + 'A');
    return std::nullopt;
  }
}

}  // namespace strata::model
