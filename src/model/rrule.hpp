// Recurrence rules: the part of RFC 5545 that a change window needs, and its parser. Plain C++, no
// server.
//
// Known are FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, BYDAY with ordinals, BYMONTHDAY,
// BYMONTH, WKST, COUNT and UNTIL. Every other part is refused: a window that meant it would open at
// other times than its author thinks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/civil.hpp"

namespace strata::model {

enum class Frequency { kDaily, kWeekly, kMonthly, kYearly };

struct Until {
  enum class Kind { kDate, kLocal, kUtc };  // 20301231, 20301231T235959, 20301231T235959Z
  Kind kind = Kind::kDate;
  int64_t at = 0;  // the last moment an occurrence may begin; kDate: the midnight before
};

// A rule as it was said. Sets are bits; an empty set says nothing.
struct RRule {
  Frequency frequency = Frequency::kDaily;
  int64_t interval = 1;
  uint32_t months = 0;                        // bit 1 to 12
  uint32_t month_days = 0;                    // bit 1 to 31
  uint32_t last_month_days = 0;               // bit n: the nth day from the month's end
  uint32_t weekdays = 0;                      // bit 0 (Monday) to 6
  std::array<uint64_t, 7> nth_weekdays = {};  // of each weekday bit n: the nth of the month or year
  std::array<uint64_t, 7> nth_last_weekdays = {};  // the same from the end
  int week_start = 0;                              // 0 (Monday) to 6
  int64_t count = 0;                               // 0: none
  std::optional<Until> until;

  // Returns true when BYDAY is there, with ordinals or without.
  bool has_weekdays() const;
  bool has_ordinals() const;
};

// What is wrong with a rule: the part as it was written, and a clause on it without a full stop.
struct RuleError {
  std::string part;
  std::string reason;
};

// The largest COUNT, so that finding the last occurrence is bounded work (see recurrence.hpp).
constexpr int64_t kMaxCount = 10'000;

// Reads a rule, with or without "RRULE:" before it; case does not matter. Returns nothing and fills
// `error` when a part is unknown, malformed, given twice, or must not stand with another.
std::optional<RRule> parse_rrule(std::string_view text, RuleError& error);

}  // namespace strata::model
