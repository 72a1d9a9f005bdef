// Random rules, zones, windows, freezes and instants: nothing crashes or takes long, and answers
// agree with each other.
//
// Input: the rule, a zero byte, then numbers for everything else. What a rule means is checked
// elsewhere (tests/unit, tests/windows).
#include <cstdlib>
#include <cstring>
#include <deque>
#include <numeric>
#include <string_view>

#include "../unit/zone_table.hpp"
#include "model/calendar.hpp"

using namespace strata::model;

namespace {

// Numbers from the rest of the input; zeros when it is used up.
class Numbers {
 public:
  Numbers(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  template <class T>
  T take() {
    T out{};
    const size_t bytes = std::min(sizeof(T), size_);
    std::memcpy(&out, data_, bytes);
    data_ += bytes;
    size_ -= bytes;
    return out;
  }
  int64_t below(int64_t limit) { return static_cast<int64_t>(take<uint32_t>()) % limit; }
  // An instant from which after() stays in the years 1 to 9999.
  Instant anywhere() { return (kFirstDay + below(kLastDay - 1000 - kFirstDay)) * kDay; }
  // One within three years after it, mostly on a second.
  Instant after(Instant begin) {
    return begin + below(1000 * 86'400) * kSecond + take<uint8_t>() / 254;
  }

 private:
  const uint8_t* data_;
  size_t size_;
};

void require(bool holds) {
  if (!holds) std::abort();
}

// As ZoneRules says: no change is of more than a day. Real ones are also days apart.
ZoneTable random_zone(Numbers& numbers, Instant from) {
  const int64_t offset = numbers.below(48 * 1800) - 24 * 1800;
  std::vector<std::pair<Instant, int64_t>> changes;
  for (int i = numbers.take<uint8_t>() % 8; i > 0; i--) {
    from += 4 * kDay + numbers.below(200 * 86'400) * kSecond;
    changes.emplace_back(from, numbers.below(48 * 1800) - 24 * 1800);
  }
  return ZoneTable(offset, std::move(changes));
}

void check_window(const Window& window, Instant at) {
  const auto latest = window.latest(at);
  const auto following = window.following(at);
  if (latest) {
    require(latest->begin <= at && latest->begin < latest->end);
    require(window.latest(latest->begin)->begin == latest->begin);
  }
  if (following) {
    require(following->begin > at && following->begin < following->end);
    require(window.latest(following->begin)->begin == following->begin);
    require(!window.following(following->begin - 1) ||
            window.following(following->begin - 1)->begin == following->begin);
  }
}

void check_calendar(Calendar& calendar, Instant at) {
  const CalendarState state = calendar.state(at);
  require(state.until > at);
  require(calendar.state(std::midpoint(at, state.until)).kind == state.kind ||
          state.until == kEndOfTime);
  const auto current = calendar.current(at);
  const bool inside = state.open() || state.kind == CalendarState::Kind::kClosing;
  require(current.has_value() == inside);
  if (inside) require(current->contains(at) && state.ends > at && state.until <= state.ends);
  if (const auto next = calendar.next(at)) {
    require(next->begin > at && next->begin < next->end);
    require(calendar.state(next->begin).open());
    require(!calendar.state(next->begin - 1).open());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto* zero = static_cast<const uint8_t*>(std::memchr(data, 0, size));
  const size_t length = zero != nullptr ? static_cast<size_t>(zero - data) : size;
  RuleError error;
  const auto rule = parse_rrule({reinterpret_cast<const char*>(data), length}, error);
  require(rule || !(error.part.empty() || error.reason.empty()));
  if (!rule) return 0;
  Numbers numbers(data + length, size - length);
  numbers.take<uint8_t>();
  const Instant base = numbers.anywhere();
  const ZoneTable zone = random_zone(numbers, base);
  std::deque<Window> windows;
  Calendar calendar;
  for (int i = numbers.take<uint8_t>() % 3; i >= 0; i--) {
    const Duration duration{numbers.take<uint8_t>() / 64, (1 + numbers.below(30 * 3600)) * kSecond};
    windows.emplace_back(numbers.after(base), duration, rule, zone);
    calendar.add(&windows.back(), numbers.below(duration.days * 86'400 + 1) * kSecond);
  }
  for (int i = numbers.take<uint8_t>() % 4; i > 0; i--) {
    const Instant begin = numbers.after(base);
    calendar.add_freeze({begin, numbers.after(begin)});
  }
  for (int i = numbers.take<uint8_t>() % 4; i >= 0; i--) {
    const Instant at = numbers.after(base);
    for (const Window& window : windows)
      check_window(window, at);
    check_calendar(calendar, at);
  }
  check_calendar(calendar, numbers.take<int64_t>());
  return 0;
}
