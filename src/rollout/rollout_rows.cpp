// Owns: the statements on strata.rollout (see rollout_rows.hpp).
#include "rollout/rollout_rows.hpp"

#include <array>

#include "pg/database_setting.hpp"
#include "pg/session.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
}

namespace strata::rollout {
namespace {

using pg::SqlArg;

constexpr std::array<std::string_view, 7> kPhases = {
    "running", "awaiting_approval", "paused", "halted", "completed", "rolled_back", "aborted"};

constexpr const char* kColumns =
    "SELECT r.rollout_id, r.base, r.stable, r.candidate, r.steps, r.phase, r.step, "
    "(pg_catalog.date_part('epoch', r.step_began_at) * 1000000)::bigint - 946684800000000, "
    "r.checks, r.proposal_id, r.place, r.started_by, "
    "pg_catalog.to_regrole(pg_catalog.quote_ident(r.started_by))::oid, "
    "pg_catalog.to_regrole(pg_catalog.quote_ident(r.runs_as))::oid FROM strata.rollout AS r ";

RolloutRow read_row(const pg::SqlRow& row) {
  RolloutRow out;
  out.id = std::stoll(*row[0]);
  out.base = *row[1];
  out.stable = *row[2];
  out.candidate = *row[3];
  out.steps_json = *row[4];
  if (auto steps = model::read_rollout_steps(out.steps_json, duration_of, out.problem))
    out.steps = std::move(*steps);
  out.phase = phase_named(*row[5]).value_or(Phase::kHalted);
  out.step = std::stoi(*row[6]);
  if (row[7]) out.began_at = std::stoll(*row[7]);
  out.checks = *row[8];
  if (row[9]) out.proposal = std::stoll(*row[9]);
  out.place = *row[10];
  out.started_by = *row[11];
  out.author = pg::to_oid(row[12]);
  out.runs_as = pg::to_oid(row[13]);
  if (out.problem.empty() && (out.step < 1 || static_cast<size_t>(out.step) > out.steps.size()))
    out.problem = fmt::format("It has no step {}.", out.step);
  return out;
}

std::optional<RolloutRow> read_one(const std::vector<pg::SqlRow>& rows) {
  if (rows.empty()) return std::nullopt;
  return read_row(rows[0]);
}

}  // namespace

std::string_view name(Phase phase) {
  return kPhases[static_cast<size_t>(phase)];
}

std::optional<Phase> phase_named(std::string_view name) {
  for (size_t i = 0; i < kPhases.size(); i++)
    if (kPhases[i] == name) return static_cast<Phase>(i);
  return std::nullopt;
}

bool is_open(Phase phase) {
  return phase < Phase::kCompleted;
}

void RolloutRow::require_whole() const {
  if (problem.empty()) return;
  throw Error(ERRCODE_DATA_CORRUPTED,
              fmt::format("rollout {} of schema \"{}\" cannot go on", id, base), problem,
              fmt::format("Its row in strata.rollout was changed by hand: SELECT "
                          "strata.abort_rollout({});",
                          pg::quote_literal(pg::quote(base))));
}

int32_t RolloutRow::weight() const {
  if (began_at) return current().weight_ppm;
  return step > 1 ? steps[static_cast<size_t>(step - 2)].weight_ppm : 0;
}

const model::RolloutStep& RolloutRow::judged() const {
  return began_at || step == 1 ? current() : steps[static_cast<size_t>(step - 2)];
}

std::optional<int64_t> duration_of(const std::string& text) {
  pg::Subtransaction attempt;
  try {
    const Interval* const read = pg::call([&] {
      return DatumGetIntervalP(DirectFunctionCall3(interval_in, CStringGetDatum(text.c_str()),
                                                   ObjectIdGetDatum(InvalidOid),
                                                   Int32GetDatum(-1)));
    });
    attempt.commit();
    int64 days = 0;
    int64 total = 0;
    if (read->month != 0 || pg_mul_s64_overflow(read->day, USECS_PER_DAY, &days) ||
        pg_add_s64_overflow(read->time, days, &total) || total < 0)
      return std::nullopt;
    return total;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<RolloutRow> open_rollout(pg::Spi& spi, const std::string& base) {
  return read_one(spi.query_now(std::string(kColumns) + "WHERE r.base = $1 AND r.ended_at IS NULL",
                                {SqlArg::name(base)}));
}

std::optional<RolloutRow> rollout_with(pg::Spi& spi, int64_t id) {
  return read_one(
      spi.query_now(std::string(kColumns) + "WHERE r.rollout_id = $1", {SqlArg::int8(id)}));
}

bool lock_row(pg::Spi& spi, int64_t id) {
  return !spi.query("SELECT FROM strata.rollout WHERE rollout_id = $1 FOR UPDATE SKIP LOCKED",
                    {SqlArg::int8(id)})
              .empty();
}

std::vector<int64_t> open_rollouts(pg::Spi& spi) {
  std::vector<int64_t> out;
  for (const pg::SqlRow& row : spi.query_now(
           "SELECT rollout_id FROM strata.rollout WHERE ended_at IS NULL ORDER BY rollout_id"))
    out.push_back(std::stoll(*row[0]));
  return out;
}

std::optional<GateNow> lock_gate(pg::Spi& spi, const std::string& base) {
  const auto rows = spi.query(
      "SELECT g.stable, g.candidate, g.weight_ppm, g.enabled FROM strata.gate AS g "
      "WHERE g.base = $1 FOR UPDATE",
      {SqlArg::name(base)});
  if (rows.empty()) return std::nullopt;
  const pg::SqlRow& row = rows[0];
  return GateNow{*row[0], row[1].value_or(""), std::stoi(*row[2]), row[3] == "t"};
}

std::string gate_changed(const RolloutRow& rollout, const std::optional<GateNow>& gate) {
  if (!gate) return "The gate was dropped.";
  if (!gate->enabled) return "The gate was switched off.";
  if (gate->stable != rollout.stable)
    return fmt::format("The gate has \"{}\" as the stable version now.", gate->stable);
  if (gate->candidate != rollout.candidate)
    return gate->candidate.empty()
               ? std::string("The gate has no candidate any more.")
               : fmt::format("The gate has \"{}\" as the candidate now.", gate->candidate);
  if (gate->weight_ppm != rollout.weight())
    return fmt::format("The gate gives the candidate {} ppm now, not {}.", gate->weight_ppm,
                       rollout.weight());
  return {};
}

void set_gate_for(pg::Spi& spi, const RolloutRow& rollout, bool insist) {
  const auto gate = lock_gate(spi, rollout.base);
  if (!gate || gate->stable != rollout.stable) return;
  if (!insist && (gate->candidate != rollout.candidate || !gate->enabled)) return;
  const bool completed = rollout.phase == Phase::kCompleted;
  const bool open = is_open(rollout.phase);
  spi.run(
      "UPDATE strata.gate SET stable = $2, candidate = $3, weight_ppm = $4, "
      "set_at = pg_catalog.now(), set_by = session_user "
      "WHERE base = $1 AND (stable, candidate, weight_ppm) IS DISTINCT FROM ($2, $3, $4)",
      {SqlArg::name(rollout.base), SqlArg::text(completed ? rollout.candidate : rollout.stable),
       SqlArg::text_or_null(open ? std::optional(rollout.candidate) : std::nullopt),
       SqlArg::int4(open ? rollout.weight() : 0)});
}

void store(pg::Spi& spi, const RolloutRow& rollout, const std::string& reason) {
  SqlArg began = {TIMESTAMPTZOID, Datum{0}, true};
  if (rollout.began_at) began = {TIMESTAMPTZOID, TimestampTzGetDatum(*rollout.began_at), false};
  SqlArg proposal = {INT8OID, Datum{0}, true};
  if (rollout.proposal) proposal = SqlArg::int8(*rollout.proposal);
  spi.run(
      "UPDATE strata.rollout SET phase = $2, step = $3, step_began_at = $4, "
      "checks = $5::pg_catalog.jsonb, proposal_id = $6, reason = $7, place = $8, waits_for = NULL, "
      "changed_at = pg_catalog.clock_timestamp(), ended_at = CASE WHEN $9 THEN NULL "
      "ELSE pg_catalog.clock_timestamp() END WHERE rollout_id = $1",
      {SqlArg::int8(rollout.id), SqlArg::text(name(rollout.phase)), SqlArg::int4(rollout.step),
       began, SqlArg::text(rollout.checks), proposal, SqlArg::text(reason),
       SqlArg::text(pg::database_identity()), SqlArg::boolean(is_open(rollout.phase))});
}

void note_look(pg::Spi& spi, const RolloutRow& rollout, const std::string& waits_for) {
  spi.run(
      "UPDATE strata.rollout SET checks = $2::pg_catalog.jsonb, waits_for = $3, "
      "looked_at = pg_catalog.clock_timestamp() WHERE rollout_id = $1",
      {SqlArg::int8(rollout.id), SqlArg::text(rollout.checks), SqlArg::text(waits_for)});
}

}  // namespace strata::rollout
