// From what a user writes about a window to one that can be evaluated; checks for both ways.
#pragma once

#include "model/window.hpp"
#include "pg/prelude.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace strata::guard {

// What is wrong with a window, or empty: the field, a sentence on it, and how to mend it.
struct Fault {
  std::string field;
  std::string detail;
  std::string hint;

  explicit operator bool() const { return !field.empty(); }
};

// The times of a window, as stored in strata.change_window.
struct WindowRow {
  Timestamp starts = 0;
  Interval duration = {};
  std::optional<std::string> rrule;
  std::string time_zone;
  Interval cutoff = {};
};

// Returns the first thing that is wrong with a row but for its zone, which the caller looks up;
// fills in the rule.
Fault read_row(const WindowRow& row, std::optional<model::RRule>& rule);

// Returns the length of an interval without months, with days of 24 hours.
int64_t length_of(const Interval& interval);

// Returns a row's window; read_row has found nothing wrong with the row.
model::Window make_window(const WindowRow& row, const std::optional<model::RRule>& rule,
                          const model::ZoneRules& zone);

}  // namespace strata::guard
