// Owns: the session's copy of windows and freezes, and the last answer for each base (see
// windows.hpp).
#include "guard/windows.hpp"

#include <deque>

#include "catalog/registry.hpp"
#include "guard/window_row.hpp"
#include "pg/catalog_watch.hpp"
#include "pg/guard.hpp"
#include "pg/names.hpp"
#include "pg/table_scan.hpp"
#include "pg/time_range.hpp"
#include "pg/zone.hpp"

extern "C" {
#include "utils/inval.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
}

namespace strata::guard {
namespace {

// Columns of the tables; the install script keeps these positions for ever.
enum WindowColumns { kName = 1, kStarts, kDuration, kRule, kZone, kWindowBase, kCutoff };
enum FreezeColumns { kFreezeName = 1, kDuring, kReason, kFreezeBase };

struct StoredWindow {
  std::string base;  // empty: every base
  WindowRow row;
};

struct StoredFreeze {
  std::string base;
  model::Range during;
};

// The windows and freezes that count for one base, and the answer given last.
struct BaseCalendar {
  std::deque<model::Window> windows;  // their addresses stay
  std::vector<std::string> names;     // theirs, in the same order
  model::Calendar calendar;
  std::optional<model::CalendarState> answer;
  model::Instant answered_at = 0;
};

class Book {
 public:
  Book() = default;
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;

  void load();
  BaseCalendar& calendar_of(const std::string& base);
  std::optional<WindowNow> window_now(const std::string& name, model::Instant at);

 private:
  std::string add(BaseCalendar& to, const WindowRow& row);
  void add_freezes(BaseCalendar& to, const std::string& base) const;
  const pg::ServerZone* zone(const std::string& name);

  std::unordered_map<std::string, StoredWindow> windows_;
  std::vector<StoredFreeze> freezes_;
  std::unordered_map<std::string, std::optional<pg::ServerZone>> zones_;  // addresses stay
  std::unordered_map<std::string, BaseCalendar> calendars_;
};

Book* current = nullptr;
bool loaded_with_extension = false;
bool stale = true;
// Their relcache invalidation is the signal.
Oid window_table = InvalidOid;
Oid freeze_table = InvalidOid;
// Names of bases; schemas are renamed.
std::unordered_map<Oid, std::string>* names = nullptr;

void forget_on_signal(Oid relid) noexcept {
  if (relid == InvalidOid || relid == window_table || relid == freeze_table) stale = true;
}

void forget_names(Datum, int, uint32) {
  if (names != nullptr) names->clear();
}

void Book::load() {
  const pg::TableRows windows = pg::read_table("strata", "change_window");
  window_table = windows.relid();
  for (int i = 0; i < windows.count(); i++) {
    StoredWindow stored{windows.name(i, kWindowBase), {}};
    stored.row.starts = DatumGetTimestamp(windows.datum(i, kStarts));
    stored.row.duration = *DatumGetIntervalP(windows.datum(i, kDuration));
    if (!windows.is_null(i, kRule)) stored.row.rrule = windows.text(i, kRule);
    stored.row.time_zone = windows.text(i, kZone);
    stored.row.cutoff = *DatumGetIntervalP(windows.datum(i, kCutoff));
    windows_.emplace(windows.text(i, kName), std::move(stored));
  }
  const pg::TableRows freezes = pg::read_table("strata", "change_freeze");
  freeze_table = freezes.relid();
  for (int i = 0; i < freezes.count(); i++)
    freezes_.push_back(
        {freezes.name(i, kFreezeBase), pg::read_time_range(freezes.datum(i, kDuring))});
}

const pg::ServerZone* Book::zone(const std::string& name) {
  auto found = zones_.find(name);
  if (found == zones_.end()) found = zones_.emplace(name, pg::zone_named(name)).first;
  return found->second ? &*found->second : nullptr;
}

// Adds a window, or returns what is wrong with it.
std::string Book::add(BaseCalendar& to, const WindowRow& row) {
  std::optional<model::RRule> rule;
  if (const Fault fault = read_row(row, rule))
    return fmt::format("invalid {}: {}", fault.field, fault.detail);
  const pg::ServerZone* const in = zone(row.time_zone);
  if (in == nullptr) return fmt::format("unknown time zone \"{}\"", row.time_zone);
  to.windows.push_back(make_window(row, rule, *in));
  to.calendar.add(&to.windows.back(), length_of(row.cutoff));
  return {};
}

void Book::add_freezes(BaseCalendar& to, const std::string& base) const {
  for (const StoredFreeze& freeze : freezes_)
    if (freeze.base.empty() || freeze.base == base) to.calendar.add_freeze(freeze.during);
}

BaseCalendar& Book::calendar_of(const std::string& base) {
  const auto found = calendars_.find(base);
  if (found != calendars_.end()) return found->second;
  BaseCalendar& made = calendars_[base];
  try {
    for (const auto& [name, window] : windows_)
      if ((window.base.empty() || window.base == base) && add(made, window.row).empty())
        made.names.push_back(name);
    add_freezes(made, base);
  } catch (...) {
    calendars_.erase(base);
    throw;
  }
  return made;
}

std::optional<WindowNow> Book::window_now(const std::string& name, model::Instant at) {
  const auto found = windows_.find(name);
  if (found == windows_.end()) return std::nullopt;
  BaseCalendar alone;
  WindowNow out;
  out.problem = add(alone, found->second.row);
  if (!out.problem.empty()) return out;
  add_freezes(alone, found->second.base);
  out.open = alone.calendar.state(at).open();
  out.current = alone.calendar.current(at);
  out.next = alone.calendar.next(at);
  return out;
}

Book& book() {
  // Whoever asks inside a transaction is told of a freeze that was committed meanwhile; the server
  // itself listens only when it takes a lock.
  pg::call([] { AcceptInvalidationMessages(); });
  const bool exists = catalog::extension_exists();
  if (current != nullptr && !stale && exists == loaded_with_extension) return *current;
  // Cleared first: what arrives while reading makes the copy stale again, and the next call reads
  // anew.
  stale = false;
  try {
    auto fresh = std::make_unique<Book>();
    if (exists) fresh->load();
    loaded_with_extension = exists;
    // In the middle of CREATE EXTENSION there is no table yet that could tell us of changes.
    stale = stale || (exists && (!OidIsValid(window_table) || !OidIsValid(freeze_table)));
    delete current;
    current = fresh.release();
  } catch (...) {
    stale = true;
    throw;
  }
  return *current;
}

// Returns the name under which rows know the base; empty for InvalidOid.
std::string name_of(Oid base) {
  if (!OidIsValid(base)) return {};
  if (names == nullptr) names = new std::unordered_map<Oid, std::string>();
  const auto known = names->find(base);
  if (known != names->end()) return known->second;
  std::string name = pg::schema_name(base);
  names->emplace(base, name);
  return name;
}

}  // namespace

WindowState window_state(Oid base, TimestampTz at) {
  BaseCalendar& of = book().calendar_of(name_of(base));
  if (!of.answer || at < of.answered_at || at >= of.answer->until) {
    of.answer = of.calendar.state(at);
    of.answered_at = at;
  }
  const model::CalendarState& state = *of.answer;
  return {state.kind, of.calendar.has_windows(), state.until, state.ends, state.ends_later};
}

std::optional<model::Range> next_window(Oid base, TimestampTz at) {
  return book().calendar_of(name_of(base)).calendar.next(at);
}

std::vector<std::string> windows_around(Oid base, TimestampTz at) {
  BaseCalendar& of = book().calendar_of(name_of(base));
  std::vector<std::string> out;
  for (const size_t i : of.calendar.around(at))
    out.push_back(of.names[i]);
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<WindowNow> window_now(const std::string& name, TimestampTz at) {
  return book().window_now(name, at);
}

void watch_windows() {
  pg::on_relation_change(forget_on_signal);
  CacheRegisterSyscacheCallback(NAMESPACEOID, forget_names, Datum{0});
}

}  // namespace strata::guard
