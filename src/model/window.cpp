// Owns: from days of a rule to instants, through the zone (see window.hpp).
#include "model/window.hpp"

#include <algorithm>

namespace strata::model {
namespace {

// Keeps what is asked about near the years 1 to 9999, so that nothing overflows. All begins are in
// between, also those of the first and the last day in zones far from UTC.
Instant clamp(Instant at) {
  return std::clamp(at, (kFirstDay - 3) * kDay, (kLastDay + 4) * kDay);
}

}  // namespace

LocalTime to_local(const ZoneRules& zone, Instant at) {
  return at + zone.stretch_at(at).offset;
}

Instant to_instant(const ZoneRules& zone, LocalTime local) {
  // No offset is two days, so the walk begins before the instant wanted. It ends because a reading
  // that lies behind its stretch moves us to the next one.
  const Instant from = local - 2 * kDay;
  ZoneRules::Stretch stretch = zone.stretch_at(from);
  Instant reading = local - stretch.offset;
  while (reading >= stretch.until) {
    const Instant change = stretch.until;
    stretch = zone.stretch_at(change);
    const Instant later = local - stretch.offset;
    if (later < change) return reading;  // skipped by this change
    reading = later;
  }
  return reading;
}

Window::Window(LocalTime start, Duration duration, const std::optional<RRule>& rule,
               const ZoneRules& zone)
    : days_(rule, floor_div(start, kDay)),
      time_of_day_(start - floor_div(start, kDay) * kDay),
      duration_(duration),
      zone_(&zone) {
  if (rule && rule->until) end_by(*rule->until);
}

void Window::end_by(const Until& until) {
  if (until.kind == Until::Kind::kUtc) {
    // Begins are in the order of their days, and the day of a begin is at most two from that of its
    // instant.
    int64_t day = floor_div(to_local(*zone_, clamp(until.at)), kDay) + 2;
    for (int i = 0; i < 4 && to_instant(*zone_, day * kDay + time_of_day_) > until.at; i++)
      day--;
    days_.end_with(day);
    return;
  }
  const int64_t day = floor_div(until.at, kDay);
  const bool on_that_day =
      until.kind == Until::Kind::kDate || time_of_day_ <= until.at - day * kDay;
  days_.end_with(on_that_day ? day : day - 1);
}

Range Window::occurrence_on(int64_t day) const {
  const LocalTime wall = day * kDay + time_of_day_;
  return {to_instant(*zone_, wall),
          to_instant(*zone_, wall + duration_.days * kDay) + duration_.microseconds};
}

std::optional<Range> Window::latest(Instant at) const {
  at = clamp(at);
  // One day more: a wall that skips a day shows the skipped day's times after it.
  std::optional<int64_t> day = days_.on_or_before(floor_div(to_local(*zone_, at), kDay) + 1);
  for (int i = 0; day && i < kMaxTries; i++) {
    const Range found = occurrence_on(*day);
    if (found.begin <= at && found.begin < found.end) return found;
    day = days_.on_or_before(*day - 1);
  }
  return std::nullopt;
}

std::optional<Range> Window::following(Instant at) const {
  at = clamp(at);
  std::optional<int64_t> day = days_.on_or_after(floor_div(to_local(*zone_, at), kDay) - 2);
  for (int i = 0; day && i < kMaxTries; i++) {
    Range found = occurrence_on(*day);
    if (found.begin > at && found.begin < found.end) {
      // A skipped day's occurrence begins together with that of the day after, which ends later.
      if (days_.occurs_on(*day + 1)) {
        const Range after = occurrence_on(*day + 1);
        if (after.begin == found.begin) found = after;
      }
      return found;
    }
    day = days_.on_or_after(*day + 1);
  }
  return std::nullopt;
}

}  // namespace strata::model
