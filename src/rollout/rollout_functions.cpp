// strata.start_rollout, pause_rollout, resume_rollout, promote_rollout, abort_rollout, and
// move_rollout, which is the worker's.
#include "catalog/registry.hpp"
#include "guard/rights.hpp"
#include "pg/database_setting.hpp"
#include "pg/due_databases.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "pg/shared_counters.hpp"
#include "provenance/call.hpp"
#include "provenance/json_result.hpp"
#include "rollout/gate_rights.hpp"
#include "rollout/live_version.hpp"
#include "rollout/sql_check.hpp"
#include "rollout/transition.hpp"

namespace strata::rollout {
namespace {

using model::RolloutCheck;
using model::RolloutStep;
using pg::SqlArg;

std::string literal(const std::string& base) {
  return pg::quote_literal(pg::quote(base));
}

Error wrong_state(const std::string& what, const std::string& detail, const std::string& hint) {
  return {ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, what, detail, hint};
}

std::vector<RolloutStep> read_steps(const std::string& json) {
  std::string problem;
  auto steps = model::read_rollout_steps(json, duration_of, problem);
  if (steps) return *steps;
  throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "invalid steps of a rollout", problem,
              R"(Steps are such as [{"weight_ppm": 10000, "bake": "1 hour"}, )"
              R"({"weight_ppm": 1000000}].)");
}

// What cannot be asked is said now, not at three in the morning.
void try_checks(const std::vector<RolloutStep>& steps) {
  for (size_t i = 0; i < steps.size(); i++)
    for (const RolloutCheck& check : steps[i].checks) {
      if (check.kind != RolloutCheck::Kind::kSql) {
        if (pg::counters_exist()) continue;
        throw wrong_state("nothing is counted that a rollout could be judged by",
                          fmt::format("Check \"{}\" of step {} compares what clients use, and "
                                      "pg_strata.stat_max is 0.",
                                      check.name, i + 1),
                          "Set it in postgresql.conf and restart the server, or give the steps "
                          "sql checks or none.");
      }
      require_query(check.sql);
      const Answer answer = ask(check, GetUserId());
      if (!answer.value && answer.failed)
        throw Error(ERRCODE_INVALID_PARAMETER_VALUE,
                    fmt::format("check \"{}\" of step {} cannot be asked", check.name, i + 1),
                    answer.why,
                    "It runs with your rights, reads only, and with search_path pg_catalog: name "
                    "the schemas.");
    }
}

GateNow require_gate(pg::Spi& spi, const std::string& base) {
  const auto gate = lock_gate(spi, base);
  if (!gate)
    throw wrong_state(fmt::format("schema \"{}\" has no gate", base),
                      "A rollout changes the weight of its candidate.",
                      fmt::format("SELECT strata.set_gate({}, stable version);", literal(base)));
  if (!gate->enabled)
    throw wrong_state(fmt::format("the gate of schema \"{}\" is switched off", base),
                      "Everybody gets the stable version.",
                      fmt::format("SELECT strata.set_gate({}, {});", literal(base),
                                  pg::quote_literal(gate->stable)));
  return *gate;
}

void refuse_other_split(const GateNow& gate, const RolloutRow& rollout) {
  if (gate.stable == rollout.candidate)
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "the candidate is the stable version",
                fmt::format("The gate of schema \"{}\" has \"{}\" as the stable version.",
                            rollout.base, gate.stable));
  const bool same = gate.candidate.empty() || gate.candidate == rollout.candidate;
  if (gate.weight_ppm == 0 || (same && gate.weight_ppm <= rollout.steps[0].weight_ppm)) return;
  throw wrong_state(fmt::format("the gate of schema \"{}\" gives {} ppm to version \"{}\"",
                                rollout.base, gate.weight_ppm, gate.candidate),
                    "The first step would take clients away from it.",
                    fmt::format("SELECT strata.set_gate({}, {});", literal(rollout.base),
                                pg::quote_literal(gate.stable)));
}

// Returns the open rollout of the base argument, for the extension's owner to change.
struct Opened {
  explicit Opened(const pg::Arguments& args, const char* what)
      : base((args.require(0, "base"), require_gate_control(args.oid(0), what))) {
    auto found = open_rollout(spi, base);
    if (!found)
      throw wrong_state(fmt::format("schema \"{}\" has no rollout that goes on", base), {},
                        "SELECT rollout_id, base, candidate, phase FROM strata.rollouts;");
    row = std::move(*found);
  }

  std::string base;
  pg::OwnerSpi spi;
  RolloutRow row;
};

// What the candidate was compared with is what the others get; the hint is what mends it.
void require_same_stable(Opened& rollout, const std::string& hint) {
  const GateNow gate = require_gate(rollout.spi, rollout.base);
  if (gate.stable == rollout.row.stable) return;
  throw wrong_state(
      fmt::format("the gate of schema \"{}\" has another stable version now", rollout.base),
      fmt::format("It is \"{}\"; the rollout began with \"{}\".", gate.stable, rollout.row.stable),
      hint);
}

std::string by_caller(const char* what) {
  return fmt::format("{} by {}.", what, guard::session_role_name());
}

}  // namespace

STRATA_CHANGE(start_rollout) {
  args.require(0, "base");
  args.require(1, "candidate");
  args.require(2, "steps");
  RolloutRow rollout;
  rollout.base = require_gate_control(args.oid(0), "start a rollout");
  rollout.candidate = args.text(1);
  rollout.steps_json = provenance::json_argument(args, 2);
  rollout.steps = read_steps(rollout.steps_json);
  require_live(rollout.base, rollout.candidate);
  try_checks(rollout.steps);
  if (!pg::ask_for_visit(MyDatabaseId))
    throw Error(ERRCODE_INSUFFICIENT_RESOURCES, "no rollout can go on in this database",
                fmt::format("There are rollouts in {} databases.", pg::kDueDatabases));
  rollout.started_by = guard::session_role_name();
  rollout.author = guard::session_role();
  rollout.runs_as = GetUserId();
  pg::OwnerSpi spi;
  if (const auto other = open_rollout(spi, rollout.base))
    throw wrong_state(fmt::format("rollout {} of schema \"{}\" goes on", other->id, rollout.base),
                      fmt::format("It is {}, in step {} of {}.", name(other->phase), other->step,
                                  other->steps.size()),
                      fmt::format("SELECT strata.abort_rollout({0}); or "
                                  "strata.promote_rollout({0});",
                                  literal(rollout.base)));
  const GateNow gate = require_gate(spi, rollout.base);
  refuse_other_split(gate, rollout);
  rollout.stable = gate.stable;
  const auto rows = spi.query(
      "INSERT INTO strata.rollout (base, stable, candidate, steps, phase, step, reason, place, "
      "started_by, runs_as) VALUES ($1, $2, $3, $4::pg_catalog.jsonb, 'running', 1, '', $5, $6, "
      "$7) RETURNING rollout_id",
      {SqlArg::name(rollout.base), SqlArg::text(rollout.stable), SqlArg::text(rollout.candidate),
       SqlArg::text(rollout.steps_json), SqlArg::text(pg::database_identity()),
       SqlArg::name(rollout.started_by), SqlArg::name(pg::role_name(rollout.runs_as))});
  rollout.id = std::stoll(*rows[0][0]);
  begin_step(spi, rollout, {.approved = false, .insist = true}, by_caller("Started"));
  return Int64GetDatum(rollout.id);
}

STRATA_CHANGE(pause_rollout) {
  Opened rollout(args, "pause a rollout");
  if (rollout.row.phase == Phase::kPaused || rollout.row.phase == Phase::kHalted)
    throw wrong_state(fmt::format("rollout {} of schema \"{}\" is {} already", rollout.row.id,
                                  rollout.base, name(rollout.row.phase)),
                      {}, fmt::format("SELECT strata.resume_rollout({});", literal(rollout.base)));
  stop(rollout.spi, rollout.row, Phase::kPaused, by_caller("Paused"));
  return args.none();
}

STRATA_CHANGE(resume_rollout) {
  Opened rollout(args, "resume a rollout");
  RolloutRow& row = rollout.row;
  if (row.phase != Phase::kPaused && row.phase != Phase::kHalted)
    throw wrong_state(
        fmt::format("rollout {} of schema \"{}\" is {}", row.id, rollout.base, name(row.phase)),
        "Only what is paused or halted can be resumed.",
        row.phase == Phase::kAwaitingApproval
            ? fmt::format("SELECT strata.approve({});", row.proposal.value_or(0))
            : "");
  row.require_whole();
  require_live(rollout.base, row.stable);
  require_live(rollout.base, row.candidate);
  require_same_stable(rollout,
                      fmt::format("SELECT strata.abort_rollout({});", literal(rollout.base)));
  // The step begins anew, with its whole time; what has been approved stays so.
  begin_step(rollout.spi, row, {.approved = row.began_at.has_value(), .insist = true},
             by_caller("Resumed"));
  return args.none();
}

STRATA_CHANGE(promote_rollout) {
  Opened rollout(args, "promote a rollout");
  require_live(rollout.base, rollout.row.candidate);
  require_same_stable(rollout, fmt::format("SELECT strata.set_gate({}, {});", literal(rollout.base),
                                           pg::quote_literal(rollout.row.candidate)));
  end(rollout.spi, rollout.row, Phase::kCompleted, by_caller("Promoted"));
  return args.none();
}

STRATA_CHANGE(abort_rollout) {
  Opened rollout(args, "abort a rollout");
  const auto reason = args.optional_text(1);
  end(rollout.spi, rollout.row, Phase::kAborted,
      by_caller("Aborted") + (reason ? " " + *reason : std::string()));
  return args.none();
}

// base, phase, step, checks, reason
STRATA_CHANGE(move_rollout) {
  for (const int each : {0, 1, 2, 3, 4})
    args.require(each, "an argument");
  Opened rollout(args, "move a rollout");
  const auto phase = phase_named(args.text(1));
  const auto step = static_cast<int32_t>(DatumGetInt32(args.datum(2)));
  RolloutRow& row = rollout.row;
  const Error invalid(ERRCODE_INVALID_PARAMETER_VALUE, "invalid phase or step of a rollout");
  if (!phase) throw invalid;
  const bool begins = *phase == Phase::kRunning || *phase == Phase::kAwaitingApproval;
  if (begins) row.require_whole();
  if (begins && (step < 1 || static_cast<size_t>(step) > row.steps.size())) throw invalid;
  row.checks = provenance::json_argument(args, 3);
  const std::string reason = args.text(4);
  if (begins) {
    if (step != row.step) row.proposal = std::nullopt;
    if (step != row.step) row.began_at = std::nullopt;
    row.step = step;
    begin_step(rollout.spi, row, {.approved = *phase == Phase::kRunning, .insist = false}, reason);
  } else if (is_open(*phase)) {
    stop(rollout.spi, row, *phase, reason);
  } else {
    end(rollout.spi, row, *phase, reason);
  }
  return args.none();
}

}  // namespace strata::rollout
