// Owns: reading recurrence rules (see rrule.hpp).
#include "model/rrule.hpp"

#include <algorithm>
#include <vector>

namespace strata::model {
namespace {

constexpr size_t kMaxLength = 1000;
constexpr std::string_view kWeekdayNames[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

// Parts of RFC 5545 and RFC 7529 that are refused; others are not parts at all.
constexpr std::string_view kUnsupported[] = {"BYSETPOS", "BYYEARDAY", "BYWEEKNO", "BYHOUR",
                                             "BYMINUTE", "BYSECOND",  "RSCALE",   "SKIP"};

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return upper(c); });
  return out;
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> out;
  for (size_t begin = 0;;) {
    const size_t end = text.find(by, begin);
    out.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return out;
    begin = end + 1;
  }
}

// Returns the number that the digits say; nothing when there are none, other characters, or more
// than nine.
std::optional<int64_t> number(std::string_view digits) {
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  int64_t out = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + (c - '0');
  }
  return out;
}

struct Signed {
  bool negative = false;
  int64_t magnitude = 0;
};

std::optional<Signed> signed_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto magnitude = number(text);
  if (!magnitude) return std::nullopt;
  return Signed{negative, *magnitude};
}

std::optional<int> weekday_named(std::string_view name) {
  for (int i = 0; i < 7; i++)
    if (kWeekdayNames[i] == name) return i;
  return std::nullopt;
}

// One rule being read. Each read_ function returns what is wrong with its value; empty: nothing.
class Reader {
 public:
  explicit Reader(RuleError& error) : error_(error) {}

  std::optional<RRule> read(std::string_view text) {
    if (text.size() > kMaxLength)
      return refuse("the rule", "is longer than " + std::to_string(kMaxLength) + " bytes");
    const std::string folded = upper(text);
    std::string_view rest = folded;
    if (rest.starts_with("RRULE:")) rest.remove_prefix(6);
    if (rest.empty()) return refuse("the rule", "is empty");
    for (const std::string_view part : split(rest, ';')) {
      // What is shown is what was written.
      const std::string written(
          text.substr(static_cast<size_t>(part.data() - folded.data()), part.size()));
      const std::string wrong = read_part(part, written);
      if (!wrong.empty()) return refuse(written.empty() ? "an empty part" : written, wrong);
    }
    return check_together();
  }

 private:
  std::optional<RRule> refuse(const std::string& part, const std::string& reason) {
    error_ = {part, reason};
    return std::nullopt;
  }

  std::string read_part(std::string_view part, const std::string& written) {
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos) return "is not of the form NAME=value";
    const std::string_view name = part.substr(0, equals);
    const std::string_view value = part.substr(equals + 1);
    if (std::find(std::begin(kUnsupported), std::end(kUnsupported), name) != std::end(kUnsupported))
      return "is not supported";
    const auto known = std::find_if(std::begin(kParts), std::end(kParts),
                                    [&](const Part& candidate) { return candidate.name == name; });
    if (known == std::end(kParts)) return "is no part of a recurrence rule";
    std::string& seen = seen_[static_cast<size_t>(known - std::begin(kParts))];
    if (!seen.empty()) return "is given twice";
    seen = written;
    return (this->*known->read)(value);
  }

  std::string read_frequency(std::string_view value) {
    if (value == "DAILY")
      rule_.frequency = Frequency::kDaily;
    else if (value == "WEEKLY")
      rule_.frequency = Frequency::kWeekly;
    else if (value == "MONTHLY")
      rule_.frequency = Frequency::kMonthly;
    else if (value == "YEARLY")
      rule_.frequency = Frequency::kYearly;
    else
      return "is not one of DAILY, WEEKLY, MONTHLY, YEARLY";
    return {};
  }

  std::string read_interval(std::string_view value) {
    const auto interval = number(value);
    if (!interval || *interval == 0) return "is not a number from 1 to 999999999";
    rule_.interval = *interval;
    return {};
  }

  std::string read_count(std::string_view value) {
    const auto count = number(value);
    if (!count || *count == 0 || *count > kMaxCount)
      return "is not a number from 1 to " + std::to_string(kMaxCount) + "; UNTIL says a later end";
    rule_.count = *count;
    return {};
  }

  std::string read_months(std::string_view value) {
    for (const std::string_view item : split(value, ',')) {
      const auto month = number(item);
      if (!month || *month < 1 || *month > 12) return bad(item, "is no month from 1 to 12");
      rule_.months |= 1U << *month;
    }
    return {};
  }

  std::string read_month_days(std::string_view value) {
    for (const std::string_view item : split(value, ',')) {
      const auto day = signed_number(item);
      if (!day || day->magnitude < 1 || day->magnitude > 31)
        return bad(item, "is no day from 1 to 31 or -31 to -1");
      (day->negative ? rule_.last_month_days : rule_.month_days) |= 1U << day->magnitude;
    }
    return {};
  }

  std::string read_weekdays(std::string_view value) {
    for (const std::string_view item : split(value, ',')) {
      const size_t ordinal = item.size() < 2 ? 0 : item.size() - 2;
      const auto weekday = weekday_named(item.substr(ordinal));
      if (!weekday) return bad(item, "is no weekday: MO, TU, WE, TH, FR, SA or SU");
      if (ordinal == 0) {
        rule_.weekdays |= 1U << *weekday;
        continue;
      }
      const auto nth = signed_number(item.substr(0, ordinal));
      if (!nth || nth->magnitude < 1 || nth->magnitude > 53)
        return bad(item, "has no ordinal from 1 to 53 or -53 to -1");
      (nth->negative ? rule_.nth_last_weekdays
                     : rule_.nth_weekdays)[static_cast<size_t>(*weekday)] |= uint64_t{1}
                                                                             << nth->magnitude;
      largest_ordinal_ = std::max(largest_ordinal_, nth->magnitude);
    }
    return {};
  }

  std::string read_week_start(std::string_view value) {
    const auto weekday = weekday_named(value);
    if (!weekday) return "is no weekday: MO, TU, WE, TH, FR, SA or SU";
    rule_.week_start = *weekday;
    return {};
  }

  // 20301231, 20301231T235959 or 20301231T235959Z
  std::string read_until(std::string_view value) {
    const bool has_time = value.size() >= 15 && value[8] == 'T';
    const bool utc = value.size() == 16 && value[15] == 'Z';
    const auto date = number(value.substr(0, 8));
    if (!date || value.size() < 8 || (value.size() != 8 && !has_time) ||
        (value.size() > 15 && !utc))
      return "is not of the form YYYYMMDD, YYYYMMDDTHHMMSS or YYYYMMDDTHHMMSSZ";
    const int64_t year = *date / 10'000;
    const auto month = static_cast<int>(*date / 100 % 100);
    const auto day = static_cast<int>(*date % 100);
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
      return "is no date of the calendar";
    Until until{Until::Kind::kDate, day_of(year, month, day) * kDay};
    if (has_time) {
      const auto time = number(value.substr(9, 6));
      if (!time || *time / 10'000 > 23 || *time / 100 % 100 > 59 || *time % 100 > 59)
        return "is no time of day";
      until.kind = utc ? Until::Kind::kUtc : Until::Kind::kLocal;
      until.at += (*time / 10'000 * 3600 + *time / 100 % 100 * 60 + *time % 100) * kSecond;
    }
    rule_.until = until;
    return {};
  }

  static std::string bad(std::string_view item, std::string_view reason) {
    return item.empty() ? "has an empty item"
                        : "has " + std::string(item) + ", which " + std::string(reason);
  }

  // What must not stand together (RFC 5545, 3.3.10).
  std::optional<RRule> check_together() {
    const auto& [frequency, interval, weekdays, month_days, months, week_start, count, until] =
        seen_;
    if (frequency.empty()) return refuse("the rule", "has no FREQ");
    if (!count.empty() && !until.empty()) return refuse(count, "must not stand with UNTIL");
    if (!month_days.empty() && rule_.frequency == Frequency::kWeekly)
      return refuse(month_days, "must not stand with FREQ=WEEKLY");
    if (largest_ordinal_ == 0) return rule_;
    if (rule_.frequency != Frequency::kMonthly && rule_.frequency != Frequency::kYearly)
      return refuse(weekdays, "has an ordinal, which only FREQ=MONTHLY and FREQ=YEARLY take");
    if (largest_ordinal_ > 5 && (rule_.frequency == Frequency::kMonthly || !months.empty()))
      return refuse(weekdays, "has an ordinal above 5, which no month has");
    return rule_;
  }

  struct Part {
    std::string_view name;
    std::string (Reader::*read)(std::string_view);
  };
  static const Part kParts[8];

  RRule rule_;
  RuleError& error_;
  std::array<std::string, 8> seen_;  // as kParts; empty: not yet
  int64_t largest_ordinal_ = 0;
};

const Reader::Part Reader::kParts[8] = {
    {"FREQ", &Reader::read_frequency}, {"INTERVAL", &Reader::read_interval},
    {"BYDAY", &Reader::read_weekdays}, {"BYMONTHDAY", &Reader::read_month_days},
    {"BYMONTH", &Reader::read_months}, {"WKST", &Reader::read_week_start},
    {"COUNT", &Reader::read_count},    {"UNTIL", &Reader::read_until},
};

}  // namespace

bool RRule::has_ordinals() const {
  const auto any = [](const std::array<uint64_t, 7>& sets) {
    return std::any_of(sets.begin(), sets.end(), [](uint64_t set) { return set != 0; });
  };
  return any(nth_weekdays) || any(nth_last_weekdays);
}

bool RRule::has_weekdays() const {
  return weekdays != 0 || has_ordinals();
}

std::optional<RRule> parse_rrule(std::string_view text, RuleError& error) {
  return Reader(error).read(text);
}

}  // namespace strata::model
