// What the parser of recurrence rules takes, and what it says of the rest.
#include "model/rrule.hpp"

#include <gtest/gtest.h>

using strata::model::day_of;
using strata::model::Frequency;
using strata::model::kDay;
using strata::model::kSecond;
using strata::model::parse_rrule;
using strata::model::RRule;
using strata::model::RuleError;
using strata::model::Until;

namespace {

RRule parsed(std::string_view text) {
  RuleError error;
  const auto rule = parse_rrule(text, error);
  EXPECT_TRUE(rule) << text << ": " << error.part << " " << error.reason;
  return rule.value_or(RRule{});
}

// Returns "part reason" of a rule that must be refused.
std::string refused(std::string_view text) {
  RuleError error;
  EXPECT_FALSE(parse_rrule(text, error)) << text;
  return error.part + " " + error.reason;
}

}  // namespace

TEST(RRuleParser, ReadsEveryPart) {
  const RRule rule = parsed(
      "FREQ=YEARLY;INTERVAL=2;BYMONTH=3,11;BYMONTHDAY=1,-1;BYDAY=MO,2SA,-1SU,+3FR;WKST=SU;COUNT=7");
  EXPECT_EQ(rule.frequency, Frequency::kYearly);
  EXPECT_EQ(rule.interval, 2);
  EXPECT_EQ(rule.months, 1U << 3 | 1U << 11);
  EXPECT_EQ(rule.month_days, 1U << 1);
  EXPECT_EQ(rule.last_month_days, 1U << 1);
  EXPECT_EQ(rule.weekdays, 1U << 0);
  EXPECT_EQ(rule.nth_weekdays[5], 1U << 2);
  EXPECT_EQ(rule.nth_weekdays[4], 1U << 3);
  EXPECT_EQ(rule.nth_last_weekdays[6], 1U << 1);
  EXPECT_EQ(rule.week_start, 6);
  EXPECT_EQ(rule.count, 7);
  EXPECT_FALSE(rule.until);
}

TEST(RRuleParser, TakesAnyOrderAndCase) {
  const RRule rule = parsed("rrule:byday=sa,su;freq=weekly");
  EXPECT_EQ(rule.frequency, Frequency::kWeekly);
  EXPECT_EQ(rule.weekdays, 1U << 5 | 1U << 6);
}

TEST(RRuleParser, ReadsUntilInItsThreeForms) {
  const auto until = [](std::string_view text) {
    return parsed("FREQ=DAILY;UNTIL=" + std::string(text)).until.value_or(Until{});
  };
  const int64_t day = day_of(2024, 2, 29) * kDay;
  EXPECT_EQ(until("20240229").kind, Until::Kind::kDate);
  EXPECT_EQ(until("20240229").at, day);
  EXPECT_EQ(until("20240229T013059").kind, Until::Kind::kLocal);
  EXPECT_EQ(until("20240229T013059").at, day + (3600 + 30 * 60 + 59) * kSecond);
  EXPECT_EQ(until("20240229T013059Z").kind, Until::Kind::kUtc);
}

TEST(RRuleParser, NamesThePartThatIsWrong) {
  EXPECT_EQ(refused(""), "the rule is empty");
  EXPECT_EQ(refused("BYDAY=MO"), "the rule has no FREQ");
  EXPECT_EQ(refused("FREQ=DAILY;"), "an empty part is not of the form NAME=value");
  EXPECT_EQ(refused("FREQ=DAILY;MO"), "MO is not of the form NAME=value");
  EXPECT_EQ(refused("FREQ=Hourly"), "FREQ=Hourly is not one of DAILY, WEEKLY, MONTHLY, YEARLY");
  EXPECT_EQ(refused("FREQ=DAILY;BYSETPOS=1"), "BYSETPOS=1 is not supported");
  EXPECT_EQ(refused("FREQ=DAILY;BYHOUR=1"), "BYHOUR=1 is not supported");
  EXPECT_EQ(refused("FREQ=DAILY;BYDAYS=MO"), "BYDAYS=MO is no part of a recurrence rule");
  EXPECT_EQ(refused("FREQ=DAILY;FREQ=DAILY"), "FREQ=DAILY is given twice");
  EXPECT_EQ(refused(std::string("FREQ=DAILY;WKST=MO") + std::string(1000, ' ')),
            "the rule is longer than 1000 bytes");
}

TEST(RRuleParser, RefusesBadValues) {
  EXPECT_EQ(refused("FREQ=DAILY;INTERVAL=0"), "INTERVAL=0 is not a number from 1 to 999999999");
  EXPECT_EQ(refused("FREQ=DAILY;INTERVAL=-1"), "INTERVAL=-1 is not a number from 1 to 999999999");
  EXPECT_EQ(refused("FREQ=DAILY;COUNT=10001"),
            "COUNT=10001 is not a number from 1 to 10000; UNTIL says a later end");
  EXPECT_EQ(refused("FREQ=DAILY;BYMONTH=13"), "BYMONTH=13 has 13, which is no month from 1 to 12");
  EXPECT_EQ(refused("FREQ=DAILY;BYMONTHDAY=0"),
            "BYMONTHDAY=0 has 0, which is no day from 1 to 31 or -31 to -1");
  EXPECT_EQ(refused("FREQ=DAILY;BYMONTHDAY=1,,2"), "BYMONTHDAY=1,,2 has an empty item");
  EXPECT_EQ(refused("FREQ=WEEKLY;BYDAY=MO,XX"),
            "BYDAY=MO,XX has XX, which is no weekday: MO, TU, WE, TH, FR, SA or SU");
  EXPECT_EQ(refused("FREQ=MONTHLY;BYDAY=0MO"),
            "BYDAY=0MO has 0MO, which has no ordinal from 1 to 53 or -53 to -1");
  EXPECT_EQ(refused("FREQ=DAILY;WKST=1"), "WKST=1 is no weekday: MO, TU, WE, TH, FR, SA or SU");
  for (const char* until : {"2024", "20240229T", "20240229T0130", "20240229T013059z0", "20240229Z",
                            "2024-02-29", "20240229 013059"})
    EXPECT_NE(refused("FREQ=DAILY;UNTIL=" + std::string(until)).find("is not of the form"),
              std::string::npos);
  EXPECT_EQ(refused("FREQ=DAILY;UNTIL=20230229"), "UNTIL=20230229 is no date of the calendar");
  EXPECT_EQ(refused("FREQ=DAILY;UNTIL=20230228T240000"), "UNTIL=20230228T240000 is no time of day");
}

TEST(RRuleParser, RefusesPartsThatMustNotStandTogether) {
  EXPECT_EQ(refused("FREQ=DAILY;COUNT=1;UNTIL=20240229"), "COUNT=1 must not stand with UNTIL");
  EXPECT_EQ(refused("FREQ=WEEKLY;BYMONTHDAY=1"), "BYMONTHDAY=1 must not stand with FREQ=WEEKLY");
  EXPECT_EQ(refused("FREQ=WEEKLY;BYDAY=1MO"),
            "BYDAY=1MO has an ordinal, which only FREQ=MONTHLY and FREQ=YEARLY take");
  EXPECT_EQ(refused("BYDAY=6MO;FREQ=MONTHLY"),
            "BYDAY=6MO has an ordinal above 5, which no month has");
  EXPECT_EQ(refused("FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO"),
            "BYDAY=-6MO has an ordinal above 5, which no month has");
  EXPECT_TRUE(parsed("FREQ=YEARLY;BYDAY=-53MO").has_ordinals());
}
