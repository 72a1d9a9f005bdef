// Owns: finding the days of a rule (see recurrence.hpp).
#include "model/recurrence.hpp"

#include <algorithm>

namespace strata::model {
namespace {

int64_t month_number(const Date& date) {
  return date.year * 12 + date.month - 1;
}

int64_t first_day_of_month(int64_t month_number) {
  return day_of(floor_div(month_number, 12),
                static_cast<int>(month_number - floor_div(month_number, 12) * 12) + 1, 1);
}

bool in(uint32_t set, int64_t item) {
  return (set >> item & 1U) != 0;
}

bool in(uint64_t set, int64_t item) {
  return (set >> item & 1U) != 0;
}

// Returns the next number after `number` that INTERVAL counts, numbers beginning with 0.
int64_t next_counted(int64_t number, int64_t interval) {
  return number - number % interval + interval;
}

}  // namespace

Recurrence::Recurrence(const std::optional<RRule>& rule, int64_t start_day)
    : rule_(rule.value_or(RRule{})), start_(start_day) {
  const Date start = date_of(start_day);
  const int weekday = weekday_of(start_day);
  start_month_ = month_number(start);
  start_week_ = start_day - (weekday - rule_.week_start + 7) % 7;
  if (!rule) {
    last_ = start_day;
    return;
  }
  // What the rule does not say it takes from its start.
  const bool has_month_days = rule_.month_days != 0 || rule_.last_month_days != 0;
  if (!has_month_days && !rule_.has_weekdays()) {
    if (rule_.frequency == Frequency::kWeekly) rule_.weekdays = 1U << weekday;
    if (rule_.frequency == Frequency::kYearly && rule_.months == 0)
      rule_.months = 1U << start.month;
    if (rule_.frequency == Frequency::kMonthly || rule_.frequency == Frequency::kYearly)
      rule_.month_days = 1U << start.day;
  }
  by_weekday_ = rule_.has_weekdays();
  if (rule_.count == 0) return;
  std::optional<int64_t> day = on_or_after(start_day);
  for (int64_t n = 1; day && n < rule_.count; n++)
    day = on_or_after(*day + 1);
  // When there are fewer, time ends first.
  if (day) last_ = *day;
}

void Recurrence::end_with(int64_t day) {
  last_ = std::min(last_, day);
}

std::optional<int64_t> Recurrence::on_or_after(int64_t day) const {
  day = std::max(day, start_);
  for (int step = 0; step < kMaxSteps && day <= last_; step++) {
    const int64_t candidate = first_candidate_from(day);
    if (candidate == day && matches(day)) return day;
    day = candidate == day ? day + 1 : candidate;
  }
  return std::nullopt;
}

std::optional<int64_t> Recurrence::on_or_before(int64_t day) const {
  day = std::min(day, last_);
  for (int step = 0; step < kMaxSteps && day >= start_; step++) {
    const int64_t candidate = last_candidate_to(day);
    if (candidate == day && matches(day)) return day;
    day = candidate == day ? day - 1 : candidate;
  }
  return std::nullopt;
}

// Returns the day itself when its period and its month count; otherwise a later day before which
// none does, at most the first of the next counted period or month.
int64_t Recurrence::first_candidate_from(int64_t day) const {
  const int64_t interval = rule_.interval;
  const Date date = date_of(day);
  switch (rule_.frequency) {
    case Frequency::kDaily:
      if ((day - start_) % interval != 0) return start_ + next_counted(day - start_, interval);
      break;
    case Frequency::kWeekly: {
      const int64_t week = (day - start_week_) / 7;
      if (week % interval != 0) return start_week_ + 7 * next_counted(week, interval);
      break;
    }
    case Frequency::kMonthly: {
      const int64_t month = month_number(date) - start_month_;
      if (month % interval != 0)
        return first_day_of_month(start_month_ + next_counted(month, interval));
      break;
    }
    case Frequency::kYearly: {
      const int64_t start_year = floor_div(start_month_, 12);
      const int64_t year = date.year - start_year;
      if (year % interval != 0) return day_of(start_year + next_counted(year, interval), 1, 1);
      break;
    }
  }
  if (rule_.months == 0 || in(rule_.months, date.month)) return day;
  int64_t month = month_number(date) + 1;
  while (!in(rule_.months, month % 12 + 1))
    month++;
  return first_day_of_month(month);
}

// The same backwards. The start's own period always counts, so no jump ends before it.
int64_t Recurrence::last_candidate_to(int64_t day) const {
  const int64_t interval = rule_.interval;
  const Date date = date_of(day);
  switch (rule_.frequency) {
    case Frequency::kDaily:
      if ((day - start_) % interval != 0) return day - (day - start_) % interval;
      break;
    case Frequency::kWeekly: {
      const int64_t week = (day - start_week_) / 7;
      if (week % interval != 0) return start_week_ + 7 * (week - week % interval) + 6;
      break;
    }
    case Frequency::kMonthly: {
      const int64_t month = month_number(date) - start_month_;
      if (month % interval != 0)
        return first_day_of_month(start_month_ + month - month % interval + 1) - 1;
      break;
    }
    case Frequency::kYearly: {
      const int64_t start_year = floor_div(start_month_, 12);
      const int64_t year = date.year - start_year;
      if (year % interval != 0) return day_of(start_year + year - year % interval + 1, 1, 1) - 1;
      break;
    }
  }
  if (rule_.months == 0 || in(rule_.months, date.month)) return day;
  int64_t month = month_number(date) - 1;
  while (!in(rule_.months, month % 12 + 1))
    month--;
  return first_day_of_month(month + 1) - 1;
}

bool Recurrence::occurs_on(int64_t day) const {
  return day >= start_ && day <= last_ && first_candidate_from(day) == day && matches(day);
}

// Returns true when a day whose period and month count satisfies BYMONTHDAY and BYDAY.
bool Recurrence::matches(int64_t day) const {
  const Date date = date_of(day);
  if (rule_.month_days != 0 || rule_.last_month_days != 0) {
    const int from_end = days_in_month(date.year, date.month) - date.day + 1;
    if (!in(rule_.month_days, date.day) && !in(rule_.last_month_days, from_end)) return false;
  }
  if (!by_weekday_) return true;
  const auto weekday = static_cast<size_t>(weekday_of(day));
  if (in(rule_.weekdays, static_cast<int64_t>(weekday))) return true;
  // Ordinals count in the month; in the year when the rule is yearly and names no month.
  const bool in_year = rule_.frequency == Frequency::kYearly && rule_.months == 0;
  const int64_t from_start = in_year ? day - day_of(date.year, 1, 1) : date.day - 1;
  const int64_t from_end =
      in_year ? day_of(date.year, 12, 31) - day : days_in_month(date.year, date.month) - date.day;
  return in(rule_.nth_weekdays[weekday], from_start / 7 + 1) ||
         in(rule_.nth_last_weekdays[weekday], from_end / 7 + 1);
}

}  // namespace strata::model
