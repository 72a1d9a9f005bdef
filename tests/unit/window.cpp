// Occurrences as instants: gaps, repeated hours, durations over a change of the clock, UNTIL.
#include "model/window.hpp"

#include <gtest/gtest.h>

#include "zone_table.hpp"

using namespace strata::model;

namespace {

constexpr int64_t kHour = 3600 * kSecond;

constexpr int64_t at(int64_t year, int month, int day, int hour = 0, int minute = 0) {
  return day_of(year, month, day) * kDay + (hour * 60 + minute) * 60 * kSecond;
}

const ZoneTable& utc() {
  static const ZoneTable zone(0);
  return zone;
}

// America/New_York in 2025: 02:00 becomes 03:00 on March 9, 02:00 becomes 01:00 on November 2.
const ZoneTable& new_york() {
  static const ZoneTable zone(-5 * 3600,
                              {{at(2025, 3, 9, 7), -4 * 3600}, {at(2025, 11, 2, 6), -5 * 3600}});
  return zone;
}

// Australia/Lord_Howe in 2025: half an hour.
const ZoneTable& lord_howe() {
  static const ZoneTable zone(11 * 3600,
                              {{at(2025, 4, 5, 15), 37800}, {at(2025, 10, 4, 15, 30), 11 * 3600}});
  return zone;
}

// Pacific/Apia at the end of 2011: December 30 was skipped.
const ZoneTable& apia() {
  static const ZoneTable zone(-10 * 3600, {{at(2011, 12, 30, 10), 14 * 3600}});
  return zone;
}

Window make(LocalTime start, Duration duration, std::string_view rule, const ZoneRules& zone) {
  RuleError error;
  const auto parsed = parse_rrule(rule, error);
  EXPECT_TRUE(parsed) << rule << ": " << error.part << " " << error.reason;
  return {start, duration, parsed, zone};
}

}  // namespace

TEST(Zone, ReadsSkippedTimesWithTheOffsetBeforeTheGap) {
  EXPECT_EQ(to_instant(new_york(), at(2025, 3, 9, 1, 59)), at(2025, 3, 9, 6, 59));
  EXPECT_EQ(to_instant(new_york(), at(2025, 3, 9, 2, 30)), at(2025, 3, 9, 7, 30));
  EXPECT_EQ(to_local(new_york(), at(2025, 3, 9, 7, 30)), at(2025, 3, 9, 3, 30));
  EXPECT_EQ(to_instant(new_york(), at(2025, 3, 9, 3)), at(2025, 3, 9, 7));
  EXPECT_EQ(to_instant(lord_howe(), at(2025, 10, 5, 2, 15)), at(2025, 10, 4, 15, 45));
  EXPECT_EQ(to_instant(apia(), at(2011, 12, 30, 5)), at(2011, 12, 30, 15));
}

TEST(Zone, ReadsRepeatedTimesAsTheFirst) {
  EXPECT_EQ(to_instant(new_york(), at(2025, 11, 2, 1)), at(2025, 11, 2, 5));
  EXPECT_EQ(to_instant(new_york(), at(2025, 11, 2, 1, 59)), at(2025, 11, 2, 5, 59));
  EXPECT_EQ(to_instant(new_york(), at(2025, 11, 2, 2)), at(2025, 11, 2, 7));
  EXPECT_EQ(to_instant(lord_howe(), at(2025, 4, 6, 1, 45)), at(2025, 4, 5, 14, 45));
}

TEST(Zone, FollowsChangesThatComeCloseTogether) {
  const ZoneTable busy(
      0, {{at(2025, 1, 1, 1), 3600}, {at(2025, 1, 1, 2), 0}, {at(2025, 1, 1, 3), 7200}});
  EXPECT_EQ(to_instant(busy, at(2025, 1, 1, 0, 30)), at(2025, 1, 1, 0, 30));
  EXPECT_EQ(to_instant(busy, at(2025, 1, 1, 1, 30)), at(2025, 1, 1, 1, 30));
  EXPECT_EQ(to_instant(busy, at(2025, 1, 1, 2, 30)), at(2025, 1, 1, 1, 30));
  EXPECT_EQ(to_instant(busy, at(2025, 1, 1, 4, 30)), at(2025, 1, 1, 4, 30));
  EXPECT_EQ(to_instant(busy, at(2025, 1, 1, 5)), at(2025, 1, 1, 3));
}

TEST(Window, IsHalfOpen) {
  const Window window(at(2025, 1, 4, 2), {0, 2 * kHour}, std::nullopt, utc());
  const Range only{at(2025, 1, 4, 2), at(2025, 1, 4, 4)};
  EXPECT_EQ(window.latest(only.begin - 1), std::nullopt);
  EXPECT_EQ(window.latest(only.begin), only);
  EXPECT_EQ(window.following(only.begin - 1), only);
  EXPECT_EQ(window.following(only.begin), std::nullopt);
  EXPECT_TRUE(only.contains(only.begin));
  EXPECT_FALSE(only.contains(only.end));
}

TEST(Window, KeepsTheWallClockOverChanges) {
  const Window nightly = make(at(2025, 3, 1, 2, 30), {0, kHour}, "FREQ=DAILY", new_york());
  EXPECT_EQ(nightly.latest(at(2025, 3, 8, 12))->begin, at(2025, 3, 8, 7, 30));
  EXPECT_EQ(nightly.latest(at(2025, 3, 9, 12)),
            (Range{at(2025, 3, 9, 7, 30), at(2025, 3, 9, 8, 30)}));
  EXPECT_EQ(nightly.latest(at(2025, 3, 10, 12))->begin, at(2025, 3, 10, 6, 30));
  EXPECT_EQ(nightly.latest(at(2025, 11, 2, 12))->begin, at(2025, 11, 2, 7, 30));
}

TEST(Window, DaysAreNominalAndHoursElapse) {
  const Window day = make(at(2025, 3, 1), {1, 0}, "FREQ=DAILY", new_york());
  EXPECT_EQ(day.latest(at(2025, 3, 9, 12)), (Range{at(2025, 3, 9, 5), at(2025, 3, 10, 4)}));
  EXPECT_EQ(day.latest(at(2025, 11, 2, 12)), (Range{at(2025, 11, 2, 4), at(2025, 11, 3, 5)}));
  const Window hours = make(at(2025, 3, 1), {0, 24 * kHour}, "FREQ=DAILY", new_york());
  EXPECT_EQ(hours.latest(at(2025, 3, 9, 12)), (Range{at(2025, 3, 9, 5), at(2025, 3, 10, 5)}));
  EXPECT_EQ(hours.latest(at(2025, 11, 2, 12)), (Range{at(2025, 11, 2, 4), at(2025, 11, 3, 4)}));
}

TEST(Window, UntilIsInTheZoneOrInUtc) {
  const auto last = [](std::string_view until) {
    const Window window =
        make(at(2025, 3, 1, 22), {0, kHour}, "FREQ=DAILY;UNTIL=" + std::string(until), new_york());
    return date_of(floor_div(to_local(new_york(), window.latest(at(2025, 6, 1))->begin), kDay)).day;
  };
  EXPECT_EQ(last("20250320"), 20);
  EXPECT_EQ(last("20250320T220000"), 20);
  EXPECT_EQ(last("20250320T215959"), 19);
  EXPECT_EQ(last("20250321T020000Z"), 20);
  EXPECT_EQ(last("20250321T015959Z"), 19);
}

TEST(Window, GoesOnOverASkippedDay) {
  const Window window = make(at(2011, 12, 25, 5), {0, kHour}, "FREQ=DAILY", apia());
  EXPECT_EQ(window.following(at(2011, 12, 29, 15))->begin, at(2011, 12, 30, 15));
  EXPECT_EQ(window.following(at(2011, 12, 30, 15))->begin, at(2011, 12, 31, 15));
  // A day that was skipped has no length.
  const Window days = make(at(2011, 12, 25, 5), {1, 0}, "FREQ=DAILY", apia());
  EXPECT_EQ(days.latest(at(2011, 12, 30, 14)), (Range{at(2011, 12, 29, 15), at(2011, 12, 30, 15)}));
  EXPECT_EQ(days.following(at(2011, 12, 29, 15)),
            (Range{at(2011, 12, 30, 15), at(2011, 12, 31, 15)}));
}

TEST(Window, FarFromItsStartIsAsNear) {
  const Window window = make(at(1, 1, 1, 2), {0, kHour}, "FREQ=DAILY", utc());
  EXPECT_EQ(window.latest(at(9999, 12, 31, 12))->begin, at(9999, 12, 31, 2));
  EXPECT_EQ(window.following(at(9999, 12, 31, 12)), std::nullopt);
  const ZoneTable west(-12 * 3600);
  const Window late = make(at(1, 1, 1, 23), {0, kHour}, "FREQ=DAILY", west);
  EXPECT_EQ(late.following(at(9999, 12, 31, 12))->begin, at(9999, 12, 31, 35));
  EXPECT_EQ(late.following(kEndOfTime), std::nullopt);
  EXPECT_EQ(window.latest(kBeginOfTime), std::nullopt);
  EXPECT_EQ(window.latest(kEndOfTime)->begin, at(9999, 12, 31, 2));
}
