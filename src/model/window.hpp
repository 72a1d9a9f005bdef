// A change window: a wall-clock time in a zone, a duration, and a rule that repeats it. Plain C++,
// no server.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "model/recurrence.hpp"

namespace strata::model {

constexpr Instant kEndOfTime = std::numeric_limits<Instant>::max();
constexpr Instant kBeginOfTime = std::numeric_limits<Instant>::min();

// Half-open: the end is not in it.
struct Range {
  Instant begin = 0;
  Instant end = 0;

  bool contains(Instant at) const { return begin <= at && at < end; }
  bool operator==(const Range&) const = default;
};

// A time zone's offsets. No change is of more than a day, so that a wall-clock time of one day
// never comes after that of the next. Implemented with the server's zones (pg/zone.hpp) and, in
// tests, with tables.
class ZoneRules {
 public:
  // The offset from UTC (local minus UTC) at an instant, and the first instant at which it may be
  // another.
  struct Stretch {
    int64_t offset;
    Instant until;  // kEndOfTime: never
  };

  virtual ~ZoneRules() = default;
  virtual Stretch stretch_at(Instant at) const = 0;
};

// Returns what the wall shows at the instant.
LocalTime to_local(const ZoneRules& zone, Instant at);

// Returns the instant at which the wall shows the time, as RFC 5545 (3.3.5) says: of two the first;
// a time that is skipped is read with the offset from before the gap, so 02:30 in a gap of an hour
// is 03:30. Looks at the changes of the zone from two days before to two days after.
Instant to_instant(const ZoneRules& zone, LocalTime local);

// Days are the calendar's and last 23 to 25 hours when clocks change; microseconds are elapsed
// time. Neither is negative.
struct Duration {
  int64_t days = 0;
  int64_t microseconds = 0;
};

// What keeps Duration from leaving the range of time: a hundred years.
constexpr int64_t kMaxDurationDays = 36'525;

// The occurrences of one window. Occurrences of the same window may overlap; Calendar merges.
//
// Bound: a look-up asks Recurrence and the zone at most kMaxTries times. How old the start is, and
// how long the window lasts, does not matter: all occurrences have the same duration, so the one
// that began last ends last.
class Window {
 public:
  static constexpr int kMaxTries = 8;

  // The zone must outlive the window. `start` is in the years 1 to 9999.
  Window(LocalTime start, Duration duration, const std::optional<RRule>& rule,
         const ZoneRules& zone);

  // Returns the occurrence that began last, at the instant or before; nothing when none has begun.
  std::optional<Range> latest(Instant at) const;

  // Returns the first occurrence that begins after the instant.
  std::optional<Range> following(Instant at) const;

 private:
  Range occurrence_on(int64_t day) const;
  void end_by(const Until& until);

  Recurrence days_;
  int64_t time_of_day_;
  Duration duration_;
  const ZoneRules* zone_;
};

}  // namespace strata::model
