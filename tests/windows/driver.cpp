// Puts questions from standard input to the evaluator of change windows, one line each, and answers
// with one line each.
//
//   zone OFFSET [INSTANT OFFSET]...                      the zone from now on: offsets in seconds;
//   no answer RULE START DAYS MICROSECONDS CUTOFF INSTANT...       questions on one window; RULE
//   "-": none
//
// The answer is, for each instant, its state, the stretch it is in and the next one: "open 1-2
// 3-4", "closed - 3-4"; an end that is further than was looked is "*". A rule that cannot be read
// is answered with "refused", the part and why.
#include <iostream>
#include <sstream>
#include <string>

#include "model/calendar.hpp"
#include "unit/zone_table.hpp"

using namespace strata::model;

namespace {

std::string text(Instant at) {
  return at == kEndOfTime || at == kBeginOfTime ? "*" : std::to_string(at);
}

std::string text(const std::optional<Range>& range) {
  return range ? text(range->begin) + "_" + text(range->end) : "-";
}

std::string_view name(CalendarState::Kind kind) {
  constexpr std::string_view names[] = {"open", "closing", "closed", "frozen"};
  return names[static_cast<int>(kind)];
}

ZoneTable read_zone(std::istream& line) {
  int64_t first = 0;
  line >> first;
  std::vector<std::pair<Instant, int64_t>> changes;
  for (std::pair<Instant, int64_t> change; line >> change.first >> change.second;)
    changes.push_back(change);
  return ZoneTable(first, std::move(changes));
}

void answer(const std::string& rule, std::istream& line, const ZoneRules& zone) {
  LocalTime start = 0;
  Duration duration;
  int64_t cutoff = 0;
  line >> start >> duration.days >> duration.microseconds >> cutoff;
  RuleError error;
  const auto parsed = rule == "-" ? std::nullopt : parse_rrule(rule, error);
  if (!parsed && rule != "-") {
    std::cout << "refused " << error.part << " " << error.reason << "\n";
    return;
  }
  const Window window(start, duration, parsed, zone);
  Calendar calendar;
  calendar.add(&window, cutoff);
  for (Instant at = 0; line >> at;)
    std::cout << name(calendar.state(at).kind) << " " << text(calendar.current(at)) << " "
              << text(calendar.next(at)) << " ";
  std::cout << "\n";
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  ZoneTable zone(0);
  for (std::string text; std::getline(std::cin, text);) {
    std::istringstream line(text);
    std::string first;
    line >> first;
    if (first == "zone")
      zone = read_zone(line);
    else
      answer(first, line, zone);
  }
}
