// Windows together: union, cutoff, freezes, what comes next, and bounds.
#include "model/calendar.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>

#include "zone_table.hpp"

using namespace strata::model;
using Kind = CalendarState::Kind;

namespace {

constexpr int64_t kHour = 3600 * kSecond;

// Hours from the first of January 2000, a Saturday.
constexpr int64_t h(double hours) {
  return std::llround(hours * static_cast<double>(kHour));
}

class CalendarTest : public testing::Test {
 protected:
  void add(double start, double hours, std::string_view rule = {}, double cutoff = 0) {
    RuleError error;
    const auto parsed = rule.empty() ? std::nullopt : parse_rrule(rule, error);
    windows.emplace_back(h(start), Duration{0, h(hours)}, parsed, zone);
    calendar.add(&windows.back(), h(cutoff));
  }
  Kind kind(double hour) { return calendar.state(h(hour)).kind; }
  std::optional<Range> range(double begin, double end) { return Range{h(begin), h(end)}; }

  ZoneTable zone{0};
  std::deque<Window> windows;
  Calendar calendar;
};

}  // namespace

TEST_F(CalendarTest, WithoutWindowsIsClosed) {
  EXPECT_FALSE(calendar.has_windows());
  EXPECT_EQ(kind(0), Kind::kClosed);
  EXPECT_EQ(calendar.state(0).until, kEndOfTime);
  EXPECT_EQ(calendar.next(0), std::nullopt);
  EXPECT_EQ(calendar.current(0), std::nullopt);
}

TEST_F(CalendarTest, SaysUntilWhenAnAnswerHolds) {
  add(2, 2, "FREQ=DAILY");
  EXPECT_EQ(kind(0), Kind::kClosed);
  EXPECT_EQ(calendar.state(0).until, h(2));
  EXPECT_EQ(kind(2), Kind::kOpen);
  EXPECT_EQ(calendar.state(h(2)).until, h(4));
  EXPECT_EQ(calendar.state(h(2)).ends, h(4));
  EXPECT_EQ(kind(4), Kind::kClosed);
  EXPECT_EQ(calendar.state(h(4)).until, h(26));
  EXPECT_EQ(kind(3), Kind::kOpen);  // back in time
}

TEST_F(CalendarTest, WindowsThatOverlapOrTouchAreOne) {
  add(0, 2);
  add(1, 3);
  add(4, 1);
  add(7, 1);
  EXPECT_EQ(calendar.state(h(0.5)).ends, h(5));
  EXPECT_EQ(calendar.state(h(0.5)).until, h(5));
  EXPECT_EQ(calendar.current(h(4.5)), range(0, 5));
  EXPECT_EQ(calendar.next(h(0.5)), range(7, 8));
  EXPECT_EQ(calendar.next(h(-1)), range(0, 5));
}

TEST_F(CalendarTest, AWindowLongerThanItsPeriodNeverCloses) {
  add(0, 30, "FREQ=DAILY;COUNT=10");
  EXPECT_EQ(calendar.current(h(100)), range(0, 9 * 24 + 30));
  EXPECT_EQ(calendar.state(h(1)).ends, h(9 * 24 + 30));
  EXPECT_EQ(kind(9 * 24 + 29.9), Kind::kOpen);
  EXPECT_EQ(kind(9 * 24 + 30), Kind::kClosed);
}

TEST_F(CalendarTest, NothingStartsInTheCutoff) {
  add(2, 2, "FREQ=DAILY", 0.5);
  EXPECT_EQ(kind(3.4), Kind::kOpen);
  EXPECT_EQ(calendar.state(h(3)).until, h(3.5));
  EXPECT_EQ(calendar.state(h(3)).ends, h(4));
  EXPECT_EQ(kind(3.5), Kind::kClosing);
  EXPECT_EQ(calendar.state(h(3.5)).until, h(4));
  EXPECT_EQ(calendar.state(h(3.5)).ends, h(4));
  EXPECT_EQ(kind(4), Kind::kClosed);
  EXPECT_EQ(calendar.current(h(3.9)), range(2, 4));
  EXPECT_EQ(calendar.next(h(3)), range(26, 28));
}

TEST_F(CalendarTest, TheCutoffCountsFromTheEndOfTheStretch) {
  add(0, 2, {}, 1);
  add(2, 2, {}, 0.5);
  EXPECT_EQ(kind(1.9), Kind::kOpen);
  EXPECT_EQ(calendar.state(h(0)).until, h(3.5));
  EXPECT_EQ(kind(3.5), Kind::kClosing);
}

TEST_F(CalendarTest, AClosingStretchMayOpenAgain) {
  add(0, 4, {}, 3.5);
  add(2, 2);
  EXPECT_EQ(kind(0.4), Kind::kOpen);
  EXPECT_EQ(calendar.state(h(0.4)).until, h(0.5));
  EXPECT_EQ(kind(1), Kind::kClosing);
  EXPECT_EQ(calendar.state(h(1)).until, h(2));
  EXPECT_EQ(kind(2), Kind::kOpen);
  EXPECT_EQ(calendar.next(h(1)), range(2, 4));
}

TEST_F(CalendarTest, SaysWhichWindowsAnInstantIsIn) {
  using Places = std::vector<size_t>;
  add(0, 4);
  add(2, 1, "FREQ=DAILY");
  add(10, 1);
  calendar.add_freeze({h(3.2), h(3.6)});
  EXPECT_EQ(calendar.around(h(1)), Places{0});
  EXPECT_EQ(calendar.around(h(2)), (Places{0, 1}));
  EXPECT_EQ(calendar.around(h(3)), Places{0});
  EXPECT_EQ(calendar.around(h(3.4)), Places{});
  EXPECT_EQ(calendar.around(h(5)), Places{});
  EXPECT_EQ(calendar.around(h(26)), Places{1});
  EXPECT_EQ(calendar.around(h(1)), Places{0});
}

TEST_F(CalendarTest, FreezesWin) {
  add(0, 10, "FREQ=DAILY", 1);
  calendar.add_freeze({h(4), h(6)});
  EXPECT_EQ(kind(2.9), Kind::kOpen);
  EXPECT_EQ(kind(3), Kind::kClosing);
  EXPECT_EQ(calendar.state(h(2)).ends, h(4));
  EXPECT_EQ(kind(4), Kind::kFrozen);
  EXPECT_EQ(calendar.state(h(4)).until, h(6));
  EXPECT_EQ(kind(6), Kind::kOpen);
  EXPECT_EQ(calendar.current(h(2)), range(0, 4));
  EXPECT_EQ(calendar.current(h(5)), std::nullopt);
  EXPECT_EQ(calendar.current(h(7)), range(6, 10));
  EXPECT_EQ(calendar.next(h(1)), range(6, 10));
}

TEST_F(CalendarTest, NextPassesOverWhatAFreezeLeavesTooShort) {
  add(0, 10, "FREQ=DAILY", 1);
  calendar.add_freeze({h(24.5), h(40)});
  EXPECT_EQ(calendar.next(h(1)), range(48, 58));
  calendar.add_freeze({h(41), kEndOfTime});
  EXPECT_EQ(calendar.next(h(1)), std::nullopt);
  EXPECT_EQ(kind(50), Kind::kFrozen);
  EXPECT_EQ(calendar.state(h(50)).until, kEndOfTime);
}

TEST_F(CalendarTest, FreezesMerge) {
  add(0, 100);
  for (const auto& [begin, end] :
       {std::pair{10, 12}, {30, 40}, {14, 16}, {12, 14}, {11, 13}, {50, 50}, {35, 45}})
    calendar.add_freeze({h(begin), h(end)});
  EXPECT_EQ(calendar.state(h(10)).until, h(16));
  EXPECT_EQ(calendar.state(h(16)).until, h(30));
  EXPECT_EQ(calendar.state(h(30)).until, h(45));
  EXPECT_EQ(calendar.state(h(45)).until, h(100));
}

TEST_F(CalendarTest, AlwaysOpenIsFollowedOnlySoFar) {
  add(0, 24, "FREQ=DAILY", 2);
  const CalendarState state = calendar.state(h(0));
  EXPECT_TRUE(state.open());
  EXPECT_TRUE(state.ends_later);
  EXPECT_EQ(state.ends, h(24.0 * Calendar::kMaxOccurrences));
  EXPECT_EQ(calendar.current(h(24.0 * 10)), (Range{0, kEndOfTime}));
  EXPECT_EQ(calendar.next(h(5)), std::nullopt);
}

// A thousand windows, one after the other in an unfavourable order, leave no gap; an answer holds
// for days.
TEST_F(CalendarTest, ManyWindowsAreLookedAtOnce) {
  for (int i = 999; i >= 0; i--)
    add(i * 0.024, 0.024, "FREQ=DAILY");
  EXPECT_EQ(calendar.current(h(100))->end, kEndOfTime);
  Instant at = 0;
  for (int looked = 0; at < h(24 * 365); looked++) {
    const CalendarState state = calendar.state(at);
    ASSERT_TRUE(state.open());
    ASSERT_LT(looked, 365 / 3);
    at = state.until;
  }
}
