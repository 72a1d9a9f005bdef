// The days of rules: the calendar, every frequency with INTERVAL, ordinals, COUNT, and how far a
// look-up goes.
#include "model/recurrence.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace strata::model;

namespace {

Recurrence make(std::string_view rule, int64_t start) {
  RuleError error;
  const auto parsed = parse_rrule(rule, error);
  EXPECT_TRUE(parsed) << rule << ": " << error.part << " " << error.reason;
  return {parsed, start};
}

std::string text(int64_t day) {
  const Date date = date_of(day);
  return std::to_string(date.year) + "-" + std::to_string(date.month) + "-" +
         std::to_string(date.day);
}

// Returns the first occurrences, and checks that going back from one finds the one before.
std::string first(const Recurrence& days, int count) {
  std::string out;
  std::optional<int64_t> before;
  for (auto day = days.on_or_after(kFirstDay); day && count > 0; count--) {
    out += (out.empty() ? "" : " ") + text(*day);
    EXPECT_EQ(days.on_or_before(*day), day);
    EXPECT_EQ(days.on_or_before(*day - 1), before);
    EXPECT_TRUE(days.occurs_on(*day));
    before = day;
    day = days.on_or_after(*day + 1);
  }
  return out;
}

std::string first(std::string_view rule, int64_t start, int count) {
  return first(make(rule, start), count);
}

}  // namespace

TEST(Civil, GoesThroughEveryDayOfTheCalendar) {
  int64_t expected = kFirstDay;
  int weekday = 0;  // 0001-01-01 is a Monday
  for (int64_t year = 1; year <= 9999; year++)
    for (int month = 1; month <= 12; month++)
      for (int day = 1; day <= days_in_month(year, month); day++, expected++) {
        ASSERT_EQ(day_of(year, month, day), expected);
        const Date date = date_of(expected);
        ASSERT_TRUE(date.year == year && date.month == month && date.day == day);
        ASSERT_EQ(weekday_of(expected), weekday);
        weekday = (weekday + 1) % 7;
      }
  EXPECT_EQ(expected, kLastDay + 1);
  EXPECT_EQ(day_of(2000, 1, 1), 0);
}

TEST(Recurrence, WithoutARuleOccursOnce) {
  const Recurrence once(std::nullopt, day_of(2025, 3, 9));
  EXPECT_EQ(first(once, 5), "2025-3-9");
}

TEST(Recurrence, TakesWhatTheRuleDoesNotSayFromTheStart) {
  EXPECT_EQ(first("FREQ=DAILY", day_of(2025, 2, 27), 3), "2025-2-27 2025-2-28 2025-3-1");
  EXPECT_EQ(first("FREQ=WEEKLY", day_of(2025, 2, 27), 3), "2025-2-27 2025-3-6 2025-3-13");
  EXPECT_EQ(first("FREQ=MONTHLY", day_of(2025, 1, 31), 3), "2025-1-31 2025-3-31 2025-5-31");
  EXPECT_EQ(first("FREQ=YEARLY", day_of(2024, 2, 29), 3), "2024-2-29 2028-2-29 2032-2-29");
  EXPECT_EQ(first("FREQ=YEARLY;BYMONTH=1,2", day_of(2023, 1, 30), 3),
            "2023-1-30 2024-1-30 2025-1-30");
}

TEST(Recurrence, TheStartOccursOnlyWhenItFits) {
  EXPECT_EQ(first("FREQ=WEEKLY;BYDAY=SA,SU", day_of(2025, 1, 1), 3), "2025-1-4 2025-1-5 2025-1-11");
}

TEST(Recurrence, CountsPeriodsFromTheStart) {
  EXPECT_EQ(first("FREQ=DAILY;INTERVAL=10;BYMONTH=3", day_of(2025, 1, 1), 4),
            "2025-3-2 2025-3-12 2025-3-22 2026-3-7");
  EXPECT_EQ(first("FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1", day_of(2025, 1, 1), 3),
            "2025-1-31 2025-6-30 2025-11-30");
  EXPECT_EQ(first("FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29", day_of(2000, 1, 1), 3),
            "2000-2-29 2400-2-29 2800-2-29");
  // RFC 5545, 3.3.10: the week's first day decides which weeks count.
  EXPECT_EQ(first("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", day_of(1997, 8, 5), 4),
            "1997-8-5 1997-8-10 1997-8-19 1997-8-24");
  EXPECT_EQ(first("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", day_of(1997, 8, 5), 4),
            "1997-8-5 1997-8-17 1997-8-19 1997-8-31");
}

TEST(Recurrence, OrdinalsCountInTheMonthOrTheYear) {
  EXPECT_EQ(first("FREQ=MONTHLY;BYDAY=2SA,-1SU", day_of(2025, 1, 1), 4),
            "2025-1-11 2025-1-26 2025-2-8 2025-2-23");
  EXPECT_EQ(first("FREQ=YEARLY;BYDAY=20MO", day_of(1997, 5, 19), 3),
            "1997-5-19 1998-5-18 1999-5-17");
  EXPECT_EQ(first("FREQ=YEARLY;BYDAY=-1FR", day_of(2025, 1, 1), 2), "2025-12-26 2026-12-25");
  EXPECT_EQ(first("FREQ=YEARLY;BYDAY=53MO", day_of(2000, 1, 1), 2), "2001-12-31 2007-12-31");
  EXPECT_EQ(first("FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", day_of(2025, 1, 1), 2), "2025-3-9 2026-3-8");
  // Both lists: every Monday and the first Tuesday.
  EXPECT_EQ(first("FREQ=MONTHLY;BYDAY=MO,1TU", day_of(2025, 1, 1), 5),
            "2025-1-6 2025-1-7 2025-1-13 2025-1-20 2025-1-27");
  EXPECT_EQ(first("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", day_of(2025, 1, 1), 2),
            "2025-6-13 2026-2-13");
}

TEST(Recurrence, CountEndsIt) {
  EXPECT_EQ(first("FREQ=WEEKLY;BYDAY=MO,FR;COUNT=3", day_of(2025, 1, 1), 9),
            "2025-1-3 2025-1-6 2025-1-10");
  EXPECT_EQ(make("FREQ=DAILY;COUNT=10000", 0).on_or_before(kLastDay), 9999);
  // Fewer than asked for before time ends.
  EXPECT_EQ(
      text(make("FREQ=YEARLY;COUNT=10000", day_of(2025, 6, 1)).on_or_before(kLastDay).value_or(0)),
      "9999-6-1");
}

TEST(Recurrence, ALookUpIsBounded) {
  for (const char* never :
       {"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=4,6",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=2",
        "FREQ=DAILY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=30;COUNT=10000"}) {
    const Recurrence days = make(never, 2);  // a Monday
    EXPECT_EQ(days.on_or_after(2), std::nullopt) << never;
    EXPECT_EQ(days.on_or_before(kLastDay), std::nullopt) << never;
  }
  EXPECT_EQ(make("FREQ=YEARLY;INTERVAL=999999999", 0).on_or_after(1), std::nullopt);
  EXPECT_EQ(make("FREQ=MONTHLY;INTERVAL=999999999", 0).on_or_before(kLastDay), 0);
}
