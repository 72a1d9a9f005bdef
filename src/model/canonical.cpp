// Owns: canonical bytes (see canonical.hpp).
#include "model/canonical.hpp"

#include <charconv>
#include <cstdio>

namespace strata::model {
namespace {

constexpr int64_t kSecond = 1000000;
constexpr int64_t kDay = 86400 * kSecond;

void append_number(std::string& out, int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out.append(digits, static_cast<size_t>(end - digits));
}

void append_digest(std::string& out, const Digest& digest) {
  out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
}

// Appends at least `width` digits.
void append_padded(std::string& out, int64_t number, size_t width) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  const auto length = static_cast<size_t>(end - digits);
  if (length < width) out.append(width - length, '0');
  out.append(digits, length);
}

struct Date {
  int64_t year;
  int month, day;
};

// Days since 1970-01-01 to the proleptic Gregorian calendar, by eras of 400 years that begin in
// March.
Date civil_date(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t in_era = days - era * 146097;
  const int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  const int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
  const int64_t month = (5 * in_year + 2) / 153;
  const int day = static_cast<int>(in_year - (153 * month + 2) / 5 + 1);
  const int named = static_cast<int>(month < 10 ? month + 3 : month - 9);
  return {year + era * 400 + (named <= 2 ? 1 : 0), named, day};
}

}  // namespace

void append_part(std::string& out, std::string_view part) {
  append_number(out, static_cast<int64_t>(part.size()));
  out += ':';
  out += part;
}

void append_part(std::string& out, int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  append_part(out, std::string_view(digits, static_cast<size_t>(end - digits)));
}

void begin_row(std::string& out) {
  append_part(out, "pg_strata.row.1");
}

void leaf_bytes(std::string& out, const ChainEntry& entry) {
  out.assign(1, '\0');
  append_part(out, "pg_strata.entry.1");
  append_part(out, entry.seq);
  append_part(out, entry.kind);
  append_part(out, entry.source);
  append_part(out, entry.ref);
  std::string at;
  at.reserve(32);
  append_iso_time(at, entry.at);
  append_part(out, at);
  append_part(out, entry.system_identifier);
  append_part(out, int64_t{entry.timeline});
  append_digest(out, entry.digest);
  append_digest(out, entry.prev_hash);
}

void append_iso_time(std::string& out, int64_t at) {
  // The server's two infinities.
  if (at == INT64_MAX) return void(out += "infinity");
  if (at == INT64_MIN) return void(out += "-infinity");
  int64_t day = at / kDay;
  int64_t rest = at % kDay;
  if (rest < 0) {
    rest += kDay;
    day--;
  }
  constexpr int64_t kDaysTo2000 = 10957;
  const Date date = civil_date(day + kDaysTo2000);
  if (date.year < 0) out += '-';
  append_padded(out, date.year < 0 ? -date.year : date.year, 4);
  char text[] = "-01-01T00:00:00.000000Z";
  const auto put = [&](size_t place, size_t width, int64_t number) {
    for (size_t i = place + width; i > place; number /= 10)
      text[--i] = static_cast<char>('0' + number % 10);
  };
  put(1, 2, date.month);
  put(4, 2, date.day);
  put(7, 2, rest / (3600 * kSecond));
  put(10, 2, rest / (60 * kSecond) % 60);
  put(13, 2, rest / kSecond % 60);
  put(16, 6, rest % kSecond);
  out.append(text, sizeof(text) - 1);
}

std::string iso_time(int64_t at) {
  std::string out;
  append_iso_time(out, at);
  return out;
}

std::string iso_interval(int32_t months, int32_t days, int64_t microseconds) {
  std::string out = "P";
  append_number(out, months);
  out += 'M';
  append_number(out, days);
  out += "DT";
  if (microseconds < 0) out += '-';
  const uint64_t size =
      microseconds < 0 ? -static_cast<uint64_t>(microseconds) : static_cast<uint64_t>(microseconds);
  append_number(out, static_cast<int64_t>(size / kSecond));
  out += '.';
  append_padded(out, static_cast<int64_t>(size % kSecond), 6);
  out += 'S';
  return out;
}

}  // namespace strata::model
