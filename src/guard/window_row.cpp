// Owns: what a window may be (see window_row.hpp).
#include "guard/window_row.hpp"

namespace strata::guard {
namespace {

constexpr const char* kRuleHint =
    "A rule is made of FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, BYDAY, BYMONTHDAY, "
    "BYMONTH, WKST, and COUNT or "
    "UNTIL, as in FREQ=MONTHLY;BYDAY=2SA.";

// Returns what is wrong with an interval as a length of time; empty: nothing.
std::string wrong_length(const Interval& interval) {
  if (interval.month != 0) return "Months and years have no fixed length";
  if (interval.day < 0 || interval.time < 0) return "It has a negative part";
  if (interval.day > model::kMaxDurationDays ||
      interval.time > model::kMaxDurationDays * model::kDay)
    return "It is longer than a hundred years";
  return {};
}

bool in_known_years(Timestamp starts) {
  return starts >= model::kFirstDay * model::kDay && starts < (model::kLastDay + 1) * model::kDay;
}

}  // namespace

int64_t length_of(const Interval& interval) {
  return interval.day * model::kDay + interval.time;
}

Fault read_row(const WindowRow& row, std::optional<model::RRule>& rule) {
  if (!in_known_years(row.starts))
    return {"start", "It is not in the years 1 to 9999.", "Say when the window opens first."};
  if (const std::string wrong = wrong_length(row.duration); !wrong.empty())
    return {"duration", wrong + ".", "Say it in days, hours or minutes: '4 hours'."};
  if (length_of(row.duration) == 0)
    return {"duration", "It is empty.", "Say it in days, hours or minutes: '4 hours'."};
  if (const std::string wrong = wrong_length(row.cutoff); !wrong.empty())
    return {"cutoff", wrong + ".", "Say it in days, hours or minutes: '30 minutes'."};
  if (length_of(row.cutoff) >= length_of(row.duration))
    return {"cutoff", "It is not shorter than the duration, so no statement could ever start.",
            "Take a shorter cutoff."};
  if (!row.rrule) return {};
  model::RuleError error;
  rule = model::parse_rrule(*row.rrule, error);
  if (!rule)
    return {"recurrence rule",
            fmt::format("{} {}.",
                        error.part.starts_with("the ") || error.part.starts_with("an ")
                            ? static_cast<char>(error.part[0] - 'a' + 'A') + error.part.substr(1)
                            : error.part,
                        error.reason),
            kRuleHint};
  return {};
}

model::Window make_window(const WindowRow& row, const std::optional<model::RRule>& rule,
                          const model::ZoneRules& zone) {
  return {row.starts, {row.duration.day, row.duration.time}, rule, zone};
}

}  // namespace strata::guard
