// When changes may be made: windows together, less the freezes. Plain C++, no server.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/window.hpp"

namespace strata::model {

struct CalendarState {
  enum class Kind {
    kOpen,     // a statement may start
    kClosing,  // none may start, what runs may go on
    kClosed,   // no window
    kFrozen,   // a freeze
  };
  Kind kind = Kind::kClosed;
  Instant until = kEndOfTime;  // the kind does not change before; kEndOfTime: never
  Instant ends = kEndOfTime;   // kOpen, kClosing: the end of the time in which changes may run ...
  bool ends_later = false;     // ... or later, further than was looked

  bool open() const { return kind == Kind::kOpen; }
};

// The union of windows less the union of freezes. Windows that overlap or touch are one stretch of
// time. A window lets no statement start in the last `cutoff` of the stretch, which ends with the
// windows or at a freeze.
//
// Bounds: an answer compares the instant with every window's occurrences and looks up new ones
// where it has left them. A stretch is followed through at most kMaxOccurrences occurrences. next()
// passes over at most kMaxStretches stretches that are too short for a statement to start, and
// follows one that does not end kMaxLooks times as far.
class Calendar {
 public:
  static constexpr int kMaxOccurrences = 4096;
  static constexpr int kMaxStretches = 1000;
  static constexpr int kMaxLooks = 2;

  // The window must outlive the calendar. `cutoff` is in microseconds, not negative.
  void add(const Window* window, int64_t cutoff);
  void add_freeze(Range freeze);

  bool has_windows() const { return !entries_.empty(); }

  CalendarState state(Instant at);

  // Returns the stretch the instant is in, also when no statement may start in it any more; nothing
  // outside of windows and in a freeze. Its end is kEndOfTime when it is further than was looked,
  // and likewise its begin.
  std::optional<Range> current(Instant at);

  // Returns which windows the instant is in, by the order in which they were added; none in a
  // freeze.
  std::vector<size_t> around(Instant at);

  // Returns when a statement may start next: from the first instant after `at` at which the
  // calendar opens, to the end of that stretch; nothing when it does not open again.
  std::optional<Range> next(Instant at);

 private:
  // A window and its occurrences around the instant looked at last.
  struct Entry {
    const Window* window;
    int64_t cutoff;
    bool known = false;
    std::optional<Range> latest;
    std::optional<Range> following;
  };
  // An occurrence in a stretch, or a part of it in which statements may start.
  struct Piece {
    Range range;
    int64_t cutoff;
  };
  struct Stretch {
    std::vector<Piece> pieces;
    Instant end;
    bool truncated;
  };

  static void move_to(std::vector<Entry>& entries, Instant at);
  CalendarState state(std::vector<Entry>& entries, Instant at) const;
  static CalendarState state_in(const Stretch& stretch, Instant at);
  static Instant next_begin(const std::vector<Entry>& entries);
  static Stretch stretch_at(const std::vector<Entry>& entries, Instant at, Instant limit);
  const Range* freeze_at(Instant at) const;
  Instant next_freeze(Instant at) const;

  std::vector<Entry> entries_;
  std::vector<Range> freezes_;  // in order, apart from each other
};

}  // namespace strata::model
