// The table strata.rollout, and the one way in which a rollout gets from one phase to another.
//
// Called by the SQL functions and, in the background, by the worker. Nothing here asks for rights:
// the callers do.
#pragma once

#include "model/rollout_judgement.hpp"
#include "pg/spi.hpp"

namespace strata::rollout {

enum class Phase {
  kRunning,
  kAwaitingApproval,  // for the step it is in, which has not begun
  kPaused,            // by somebody
  kHalted,            // by itself
  kCompleted,
  kRolledBack,  // by itself
  kAborted,     // by somebody
};

// Names as in SQL: running, awaiting_approval, paused, halted, completed, rolled_back, aborted.
std::string_view name(Phase phase);
std::optional<Phase> phase_named(std::string_view name);

// Returns true for the phases in which it can still go on.
bool is_open(Phase phase);

struct RolloutRow {
  int64_t id = 0;
  std::string base;
  std::string stable;
  std::string candidate;
  std::string steps_json;
  std::vector<model::RolloutStep> steps;
  Phase phase = Phase::kRunning;
  int32_t step = 1;                 // counts from 1
  std::optional<int64_t> began_at;  // when the step began; none: it has not
  std::string checks = "[]";        // model::write_states
  std::optional<int64_t> proposal;  // for the step
  std::string place;                // the database it goes on in
  std::string started_by;
  Oid author = InvalidOid;   // of that name; InvalidOid: the role is gone
  Oid runs_as = InvalidOid;  // whose rights sql checks have; likewise
  std::string problem;       // a sentence; not empty: it has no such step, and can only end

  // Raises XX001 when there is a problem.
  void require_whole() const;

  const model::RolloutStep& current() const { return steps[static_cast<size_t>(step - 1)]; }
  bool is_last() const { return static_cast<size_t>(step) == steps.size(); }

  // The step that `checks` are of: of one that has not begun, the one before.
  const model::RolloutStep& judged() const;

  // The weight that the gate has while it is in this phase.
  int32_t weight() const;
};

// Returns the microseconds of a duration (see model::DurationOf), as the server reads intervals.
std::optional<int64_t> duration_of(const std::string& text);

// Returns the open rollout of a base schema, or one by its number; nullopt: there is none. Reads
// what is committed now.
std::optional<RolloutRow> open_rollout(pg::Spi& spi, const std::string& base);
std::optional<RolloutRow> rollout_with(pg::Spi& spi, int64_t id);

// Locks the row of a rollout until the transaction ends. Returns false when another session has it
// locked.
bool lock_row(pg::Spi& spi, int64_t id);

// Returns the numbers of all open rollouts.
std::vector<int64_t> open_rollouts(pg::Spi& spi);

// What a gate says, as far as a rollout sets it.
struct GateNow {
  std::string stable;
  std::string candidate;
  int32_t weight_ppm = 0;
  bool enabled = false;
};

// Returns the gate, locked until the transaction ends; nullopt: there is none.
std::optional<GateNow> lock_gate(pg::Spi& spi, const std::string& base);

// Sets the gate to what the rollout means by this phase; leaves one that somebody has changed
// alone, unless told to `insist`.
void set_gate_for(pg::Spi& spi, const RolloutRow& rollout, bool insist);

// Returns a sentence on what somebody has changed of the gate since the rollout set it; empty:
// nothing.
std::string gate_changed(const RolloutRow& rollout, const std::optional<GateNow>& gate);

// Writes phase, step, began_at, checks and proposal of an existing row, and why.
void store(pg::Spi& spi, const RolloutRow& rollout, const std::string& reason);

// Writes what was seen at a look: checks, and what it waits for.
void note_look(pg::Spi& spi, const RolloutRow& rollout, const std::string& waits_for);

}  // namespace strata::rollout
