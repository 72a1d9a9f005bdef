// The days on which a rule occurs. Plain C++, no server.
#pragma once

#include <cstdint>
#include <optional>

#include "model/rrule.hpp"

namespace strata::model {

// A rule with the day it starts on. The start is an occurrence only if it satisfies the rule.
//
// Bound: a look-up jumps by arithmetic to the first period (day, week, month, year) that INTERVAL
// counts and the first month that BYMONTH names, and tests the days there one by one, each in
// constant time. It gives up after kMaxSteps jumps and tests, however far the day is from the
// start. The calendar repeats after 146,097 days, and so do the counted periods after at most as
// many days of theirs: a rule that has met none of them meets none ever, so giving up loses
// nothing. Ordinary rules need at most 31 steps, yearly ones by weekday 366. Only COUNT asks for
// more, once, when the rule is made: its last occurrence is found by going through them, at most
// kMaxCount.
class Recurrence {
 public:
  static constexpr int kMaxSteps = 2 * 146'097;

  // No rule: the start is the only occurrence.
  Recurrence(const std::optional<RRule>& rule, int64_t start_day);

  // Returns the first occurrence on or after the day, the last on or before it; nothing when there
  // is none.
  std::optional<int64_t> on_or_after(int64_t day) const;
  std::optional<int64_t> on_or_before(int64_t day) const;

  bool occurs_on(int64_t day) const;

  // Takes occurrences after the day away.
  void end_with(int64_t day);

 private:
  bool matches(int64_t day) const;
  int64_t first_candidate_from(int64_t day) const;
  int64_t last_candidate_to(int64_t day) const;

  RRule rule_;
  bool by_weekday_ = false;
  int64_t start_;
  int64_t last_ = kLastDay;
  int64_t start_month_ = 0;  // months since year 0
  int64_t start_week_ = 0;   // first day of the start's week
};

}  // namespace strata::model
