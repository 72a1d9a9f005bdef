// Owns: joining windows and freezes (see calendar.hpp).
#include "model/calendar.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace strata::model {

void Calendar::add(const Window* window, int64_t cutoff) {
  entries_.push_back({window, cutoff, false, std::nullopt, std::nullopt});
}

void Calendar::add_freeze(Range freeze) {
  if (freeze.begin >= freeze.end) return;
  // Those it overlaps or touches become part of it.
  const auto first = std::lower_bound(freezes_.begin(), freezes_.end(), freeze.begin,
                                      [](const Range& a, Instant at) { return a.end < at; });
  auto last = first;
  for (; last != freezes_.end() && last->begin <= freeze.end; ++last) {
    freeze.begin = std::min(freeze.begin, last->begin);
    freeze.end = std::max(freeze.end, last->end);
  }
  freezes_.insert(freezes_.erase(first, last), freeze);
}

const Range* Calendar::freeze_at(Instant at) const {
  const auto after = std::upper_bound(freezes_.begin(), freezes_.end(), at,
                                      [](Instant t, const Range& a) { return t < a.begin; });
  return after != freezes_.begin() && std::prev(after)->end > at ? &*std::prev(after) : nullptr;
}

Instant Calendar::next_freeze(Instant at) const {
  const auto after = std::upper_bound(freezes_.begin(), freezes_.end(), at,
                                      [](Instant t, const Range& a) { return t < a.begin; });
  return after == freezes_.end() ? kEndOfTime : after->begin;
}

void Calendar::move_to(std::vector<Entry>& entries, Instant at) {
  for (Entry& entry : entries) {
    const bool left = !entry.known || (entry.latest && at < entry.latest->begin) ||
                      (entry.following && at >= entry.following->begin);
    if (!left) continue;
    entry.latest = entry.window->latest(at);
    entry.following = entry.window->following(at);
    entry.known = true;
  }
}

// Follows the time in windows that `at` is in, up to `limit`. No pieces: it is in none.
Calendar::Stretch Calendar::stretch_at(const std::vector<Entry>& entries, Instant at,
                                       Instant limit) {
  Stretch out{{}, at, false};
  using Coming = std::pair<Range, const Entry*>;
  const auto later = [](const Coming& a, const Coming& b) { return a.first.begin > b.first.begin; };
  std::vector<Coming> coming;
  for (const Entry& entry : entries) {
    if (entry.latest && entry.latest->contains(at)) {
      out.pieces.push_back({*entry.latest, entry.cutoff});
      out.end = std::max(out.end, entry.latest->end);
    }
    if (entry.following) coming.emplace_back(*entry.following, &entry);
  }
  if (out.pieces.empty()) return out;
  std::make_heap(coming.begin(), coming.end(), later);
  while (!coming.empty() && out.end < limit && coming.front().first.begin <= out.end) {
    if (out.pieces.size() >= kMaxOccurrences) {
      out.truncated = true;
      break;
    }
    std::pop_heap(coming.begin(), coming.end(), later);
    const auto [range, entry] = coming.back();
    coming.pop_back();
    out.pieces.push_back({range, entry->cutoff});
    out.end = std::max(out.end, range.end);
    if (const auto next = entry->window->following(range.begin)) {
      coming.emplace_back(*next, entry);
      std::push_heap(coming.begin(), coming.end(), later);
    }
  }
  if (out.end >= limit) out.truncated = false;
  out.end = std::min(out.end, limit);
  return out;
}

// Tells for a stretch whether a statement may start: in some occurrence, but not in the window's
// cutoff.
CalendarState Calendar::state_in(const Stretch& stretch, Instant at) {
  CalendarState out{CalendarState::Kind::kClosing, stretch.end, stretch.end, stretch.truncated};
  const auto last_start = [&](const Piece& piece) {
    return std::min(piece.range.end, stretch.end - piece.cutoff);
  };
  // Pieces that contain `at` come first, the others in the order of their begins.
  for (const Piece& piece : stretch.pieces) {
    const Instant end = last_start(piece);
    if (end <= at || end <= piece.range.begin) continue;
    if (piece.range.begin <= (out.open() ? out.until : at)) {
      out.until = out.open() ? std::max(out.until, end) : end;
      out.kind = CalendarState::Kind::kOpen;
    } else {
      if (!out.open()) out.until = piece.range.begin;
      break;
    }
  }
  return out;
}

CalendarState Calendar::state(std::vector<Entry>& entries, Instant at) const {
  if (const Range* freeze = freeze_at(at))
    return {CalendarState::Kind::kFrozen, freeze->end, kEndOfTime, false};
  move_to(entries, at);
  const Instant freeze = next_freeze(at);
  const Stretch stretch = stretch_at(entries, at, freeze);
  if (!stretch.pieces.empty()) return state_in(stretch, at);
  return {CalendarState::Kind::kClosed, std::min(freeze, next_begin(entries)), kEndOfTime, false};
}

Instant Calendar::next_begin(const std::vector<Entry>& entries) {
  Instant out = kEndOfTime;
  for (const Entry& entry : entries)
    if (entry.following) out = std::min(out, entry.following->begin);
  return out;
}

CalendarState Calendar::state(Instant at) {
  return state(entries_, at);
}

std::vector<size_t> Calendar::around(Instant at) {
  if (freeze_at(at) != nullptr) return {};
  move_to(entries_, at);
  std::vector<size_t> out;
  for (size_t i = 0; i < entries_.size(); i++)
    if (entries_[i].latest && entries_[i].latest->contains(at)) out.push_back(i);
  return out;
}

std::optional<Range> Calendar::current(Instant at) {
  if (freeze_at(at) != nullptr) return std::nullopt;
  move_to(entries_, at);
  const Stretch stretch = stretch_at(entries_, at, next_freeze(at));
  if (stretch.pieces.empty()) return std::nullopt;
  // Backwards: what reaches the begin found so far, until nothing does or a freeze ends there.
  const auto before = std::upper_bound(freezes_.begin(), freezes_.end(), at,
                                       [](Instant t, const Range& a) { return t < a.begin; });
  const Instant limit = before == freezes_.begin() ? kBeginOfTime : std::prev(before)->end;
  Instant begin = at;
  for (const Entry& entry : entries_)
    if (entry.latest && entry.latest->contains(at)) begin = std::min(begin, entry.latest->begin);
  int looked = 0;
  for (bool reached = true; reached && begin > limit;) {
    reached = false;
    for (const Entry& entry : entries_) {
      const auto earlier = entry.window->latest(begin - 1);
      if (earlier && earlier->end >= begin) {
        begin = earlier->begin;
        reached = true;
      }
      if (++looked > kMaxOccurrences)
        return Range{kBeginOfTime, stretch.truncated ? kEndOfTime : stretch.end};
    }
  }
  return Range{std::max(begin, limit), stretch.truncated ? kEndOfTime : stretch.end};
}

std::optional<Range> Calendar::next(Instant at) {
  // A copy, so that looking ahead leaves the entries where the session asks.
  std::vector<Entry> ahead = entries_;
  bool was_open = true;
  int looks = 0;
  for (int i = 0; i < kMaxStretches; i++) {
    const CalendarState found = state(ahead, at);
    if (found.open() && !was_open) return Range{at, found.ends_later ? kEndOfTime : found.ends};
    was_open = found.open();
    if (found.ends_later && ++looks == kMaxLooks) return std::nullopt;
    at = found.kind == CalendarState::Kind::kClosed ? next_begin(ahead) : found.until;
    if (at == kEndOfTime) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace strata::model
