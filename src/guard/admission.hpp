// What a statement that was let pass may do, for as long as it runs.
#pragma once

#include "guard/judgement.hpp"
#include "guard/proposals.hpp"
#include "model/window.hpp"
#include "pg/stacked.hpp"

namespace strata::guard {

class Admission : public pg::Stacked<Admission> {
 public:
  explicit Admission(MemoryContext where) noexcept : context(where) {}

  MemoryContext context;
  model::StatementFacts facts;
  Judgement judgement;
  std::optional<Match> match;              // the proposal it passes by
  bool in_window = false;                  // passes because a window is open
  std::set<std::string> windows;           // open now, where policies ask for one
  int64_t cutoff = model::kEndOfTime;      // waits for locks no longer; server clock
  int64_t window_end = model::kEndOfTime;  // runs no longer
  int timeout_level = 0;                   // of lock_timeout

  // Returns true when an admitted statement takes the object along.
  static bool foresees_drop(Oid classid, Oid object, int32_t subid);
  static bool foresees_truncate(Oid relation);

  // Returns true while an admitted SET runs.
  static bool sets_guard();
};

}  // namespace strata::guard
