// Days, months and weekdays of the proleptic Gregorian calendar, by arithmetic. Plain C++, no
// server.
//
// Times count microseconds from the midnight that began 2000-01-01, as the server's timestamps do:
// an Instant on the clock of UTC, a LocalTime on that of a wall. Days count from the same midnight.
#pragma once

#include <cstdint>

namespace strata::model {

using Instant = int64_t;
using LocalTime = int64_t;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

struct Date {
  int64_t year;
  int month;  // 1 to 12
  int day;    // 1 to 31
};

constexpr int64_t floor_div(int64_t value, int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

// Returns the number of a date. After H. Hinnant, "chrono-compatible low-level date algorithms".
constexpr int64_t day_of(int64_t year, int month, int day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = floor_div(y, 400);
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 730'425;
}

// Returns the date of a number; the inverse of day_of.
constexpr Date date_of(int64_t number) {
  const int64_t z = number + 730'425;
  const int64_t era = floor_div(z, 146'097);
  const int64_t day_of_era = z - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const auto month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1)};
}

// Returns 0 for Monday to 6 for Sunday.
constexpr int weekday_of(int64_t number) {
  return static_cast<int>(number + 5 - floor_div(number + 5, 7) * 7);
}

constexpr bool is_leap(int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr int days_in_month(int64_t year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

// The time that is looked at: the years 1 to 9999.
constexpr int64_t kFirstDay = day_of(1, 1, 1);
constexpr int64_t kLastDay = day_of(9999, 12, 31);

}  // namespace strata::model
