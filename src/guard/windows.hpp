// Whether changes may be made now: windows and freezes of a base schema, kept by the session.
//
// Scope: backend; read again after an invalidation (a trigger on strata.change_window and
// strata.change_freeze). An answer is kept with the time until which it holds, so that asking is a
// comparison of timestamps until then, however many windows there are. Called by the DDL path and
// by the SQL functions.
#pragma once

#include "model/calendar.hpp"
#include "pg/prelude.hpp"

namespace strata::guard {

struct WindowState {
  using Kind = model::CalendarState::Kind;
  Kind kind = Kind::kClosed;
  bool has_windows = false;  // the base has a window at all
  TimestampTz until = 0;     // `kind` holds until then; model::kEndOfTime: for ever
  TimestampTz ends = 0;      // kOpen, kClosing: what runs may go on until then ...
  bool ends_later = false;   // ... or longer: the windows go on further than was looked

  // A statement may start.
  bool open() const { return kind == Kind::kOpen; }
};

// Returns how it stands for the base schema at an instant. Windows and freezes without a base count
// for every base; InvalidOid asks for these alone. A window that cannot be read, because of a row
// written by hand or a zone this server does not have, is never open. Raises what reading tables
// raises.
WindowState window_state(Oid base, TimestampTz at);

// Returns when statements may start next: from when the base opens after `at`, to when the windows
// end (model::kEndOfTime: further than was looked); nothing when it does not open again.
std::optional<model::Range> next_window(Oid base, TimestampTz at);

// Returns the names of the windows that count for the base and that the instant is in, in order.
std::vector<std::string> windows_around(Oid base, TimestampTz at);

// One window at an instant, freezes of its base considered.
struct WindowNow {
  bool open = false;
  std::optional<model::Range> current;  // also when no statement may start in it any more
  std::optional<model::Range> next;
  std::string problem;  // why it cannot be read; empty: it can
};

// Returns nothing when there is no window of that name.
std::optional<WindowNow> window_now(const std::string& name, TimestampTz at);

// Installs the invalidation callbacks. Called once from _PG_init.
void watch_windows();

}  // namespace strata::guard
