// strata.set_policy, strata.drop_policy, strata.set_rule: rows of the guard's tables.
#include "guard/policies.hpp"
#include "guard/rights.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "provenance/call.hpp"

namespace strata::guard {
namespace {

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

model::Hazard hazard_in(const std::string& text) {
  const auto hazard = model::hazard_named(upper(text));
  if (hazard) return *hazard;
  std::string all;
  for (unsigned i = 0; i < model::kHazards; i++)
    all += (i == 0 ? "" : ", ") + std::string(model::name(static_cast<model::Hazard>(i)));
  throw Error(ERRCODE_INVALID_PARAMETER_VALUE, fmt::format("unknown hazard \"{}\"", text),
              fmt::format("Hazards are: {}.", all));
}

model::Action action_in(const std::string& text) {
  const auto action = model::action_named(text);
  if (action) return *action;
  throw Error(ERRCODE_INVALID_PARAMETER_VALUE, fmt::format("unknown action \"{}\"", text),
              "Actions are: allow, warn, window, approval, window_and_approval, refuse.",
              "Name the arguments: hazard, action, base, min_bytes.");
}

model::Risk risk_in(const std::string& text) {
  const auto risk = model::risk_named(text);
  if (risk) return *risk;
  throw Error(ERRCODE_INVALID_PARAMETER_VALUE, fmt::format("unknown risk \"{}\"", text),
              "Risks are: low, moderate, high, critical.");
}

pg::SqlArg base_arg(const std::optional<std::string>& base) {
  if (base) return pg::SqlArg::name(*base);
  pg::SqlArg none = pg::SqlArg::name("");
  none.null = true;
  return none;
}

std::string scope(const std::optional<std::string>& base) {
  return base ? fmt::format("schema \"{}\"", *base) : std::string("all base schemas");
}

// Says so when a stricter policy takes the new one's effect away, wholly or from some size on. The
// base is asked for in a form that no index serves: all policies may be for the same one, and few
// are stricter.
void tell_what_wins(pg::Spi& spi, model::Hazard hazard, model::Action action,
                    const std::optional<std::string>& base) {
  std::string stricter;
  for (unsigned i = 0; i <= static_cast<unsigned>(model::Action::Refuse); i++) {
    const auto other = static_cast<model::Action>(i);
    if (model::both(other, action) != action)
      stricter += fmt::format("{}'{}'", stricter.empty() ? "" : ", ", model::name(other));
  }
  if (stricter.empty()) return;
  const auto rows = spi.query(
      fmt::format("SELECT p.action, p.base, p.min_bytes, p.installed FROM strata.guard_policy AS p "
                  "WHERE p.hazard = $1 AND p.action IN ({}) AND coalesce(p.base, '') IN ('', "
                  "coalesce($2, '')) AND NOT (p.installed AND EXISTS (SELECT FROM "
                  "strata.guard_policy AS o WHERE NOT o.installed AND o.hazard = p.hazard AND "
                  "o.min_bytes = p.min_bytes AND o.base IS NOT DISTINCT FROM p.base)) LIMIT 1",
                  stricter),
      {pg::SqlArg::text(model::name(hazard)), base_arg(base)});
  if (rows.empty()) return;
  const std::optional<std::string>& of = rows[0][1];
  notice(
      fmt::format("a stricter policy for {} stays, and wins where both match", model::name(hazard)),
      fmt::format("It is {} for {}, from {} bytes on.", *rows[0][0], scope(of), *rows[0][2]),
      fmt::format(
          "SELECT strata.drop_policy(hazard => '{}', {}min_bytes => {});", model::name(hazard),
          of ? fmt::format("base => {}, ", pg::quote_literal(pg::quote(*of))) : "", *rows[0][2]));
}

}  // namespace

STRATA_CHANGE(set_policy) {
  args.require(0, "hazard");
  args.require(1, "action");
  args.require(3, "min_bytes");
  require_administrator("set policies");
  const model::Hazard hazard = hazard_in(args.text(0));
  const model::Action action = action_in(args.text(1));
  const auto base = base_or_everywhere(args.is_null(2), args.is_null(2) ? InvalidOid : args.oid(2));
  const int64_t min_bytes = args.int8(3);
  if (min_bytes < 0)
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "min_bytes must not be negative",
                "A policy matches statements that touch at least so many bytes.");
  pg::OwnerSpi spi;
  spi.run(
      "INSERT INTO strata.guard_policy AS p (hazard, action, base, min_bytes) "
      "VALUES ($1, $2, $3, $4) ON CONFLICT (hazard, base, min_bytes, installed) DO UPDATE "
      "SET action = excluded.action, set_by = session_user, set_at = pg_catalog.now()",
      {pg::SqlArg::text(model::name(hazard)), pg::SqlArg::text(model::name(action)), base_arg(base),
       pg::SqlArg::int8(min_bytes)});
  tell_what_wins(spi, hazard, action, base);
  return args.none();
}

STRATA_CHANGE(drop_policy) {
  args.require(0, "hazard");
  require_administrator("drop policies");
  const model::Hazard hazard = hazard_in(args.text(0));
  const auto action_text = args.optional_text(1);
  if (action_text) action_in(*action_text);
  const auto base = base_or_everywhere(args.is_null(2), args.is_null(2) ? InvalidOid : args.oid(2));
  pg::SqlArg min_bytes = pg::SqlArg::int8(args.is_null(3) ? 0 : args.int8(3));
  min_bytes.null = args.is_null(3);
  const std::vector<pg::SqlArg> which = {pg::SqlArg::text(model::name(hazard)), base_arg(base),
                                         min_bytes, pg::SqlArg::text_or_null(action_text)};
  pg::OwnerSpi spi;
  // Over an installed policy lies a row that says nothing; see the table.
  const uint64_t hidden = spi.run(
      "INSERT INTO strata.guard_policy AS p (hazard, action, base, min_bytes) "
      "SELECT i.hazard, NULL, i.base, i.min_bytes FROM strata.guard_policy AS i "
      "LEFT JOIN strata.guard_policy AS o ON NOT o.installed AND o.hazard = i.hazard "
      "AND o.min_bytes = i.min_bytes AND o.base IS NOT DISTINCT FROM i.base "
      "WHERE i.installed AND i.hazard = $1 AND i.base IS NOT DISTINCT FROM $2 "
      "AND ($3 IS NULL OR i.min_bytes = $3) "
      "AND CASE WHEN o.policy_id IS NULL THEN i.action ELSE o.action END IS NOT NULL "
      "AND ($4 IS NULL OR $4 = CASE WHEN o.policy_id IS NULL THEN i.action ELSE o.action END) "
      "ON CONFLICT (hazard, base, min_bytes, installed) DO UPDATE "
      "SET action = NULL, set_by = session_user, set_at = pg_catalog.now()",
      which);
  const uint64_t dropped = spi.run(
      "DELETE FROM strata.guard_policy AS p WHERE NOT p.installed AND p.action IS NOT NULL "
      "AND p.hazard = $1 AND p.base IS NOT DISTINCT FROM $2 AND ($3 IS NULL OR p.min_bytes = $3) "
      "AND ($4 IS NULL OR p.action = $4)",
      which);
  if (hidden + dropped == 0)
    throw Error(
        ERRCODE_UNDEFINED_OBJECT,
        fmt::format("there is no such policy for {} in {}", model::name(hazard), scope(base)), "",
        "SELECT * FROM strata.policies;");
  return args.none();
}

STRATA_CHANGE(set_rule) {
  args.require(1, "risk");
  require_administrator("set rules");
  const auto base = base_or_everywhere(args.is_null(0), args.is_null(0) ? InvalidOid : args.oid(0));
  const model::Risk risk = risk_in(args.text(1));
  const bool reset = args.is_null(2);
  const int32_t approvals = reset ? 0 : DatumGetInt32(args.info()->args[2].value);
  if (approvals < 0)
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "approvals must not be negative",
                "0: proposals of this risk are approved as soon as they are made.");
  pg::OwnerSpi spi;
  if (reset)
    spi.run("DELETE FROM strata.guard_rule WHERE base IS NOT DISTINCT FROM $1 AND risk = $2",
            {base_arg(base), pg::SqlArg::text(model::name(risk))});
  else
    spi.run(
        "INSERT INTO strata.guard_rule (base, risk, approvals) VALUES ($1, $2, $3) "
        "ON CONFLICT (base, risk) DO UPDATE SET approvals = excluded.approvals, "
        "set_by = session_user, set_at = pg_catalog.now()",
        {base_arg(base), pg::SqlArg::text(model::name(risk)), pg::SqlArg::int4(approvals)});
  return args.none();
}

}  // namespace strata::guard
