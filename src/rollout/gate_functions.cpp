// strata.set_gate, drop_gate, add_rule, drop_rule.
#include "model/gate.hpp"
#include "model/json.hpp"
#include "pg/function.hpp"
#include "pg/owner_spi.hpp"
#include "provenance/call.hpp"
#include "provenance/json_result.hpp"
#include "rollout/gate_rights.hpp"
#include "rollout/live_version.hpp"
#include "version/rights.hpp"

namespace strata::rollout {
namespace {

Error no_gate(const std::string& base) {
  return {ERRCODE_UNDEFINED_OBJECT, fmt::format("schema \"{}\" has no gate", base), "",
          fmt::format("SELECT strata.set_gate({}, stable version);",
                      pg::quote_literal(pg::quote(base)))};
}

Error invalid(const std::string& what, const std::string& detail, const std::string& hint = {}) {
  return {ERRCODE_INVALID_PARAMETER_VALUE, what, detail, hint};
}

struct Asked {
  std::string stable;
  std::optional<std::string> candidate;
  int32_t weight_ppm = 0;
  std::string unit;
};

void check(const std::string& base, const Asked& asked) {
  version::require_name_for_path(base);
  require_live(base, asked.stable);
  if (asked.candidate) require_live(base, *asked.candidate);
  if (asked.weight_ppm < 0 || asked.weight_ppm > model::kWholeWeight)
    throw invalid(fmt::format("invalid weight {}", asked.weight_ppm),
                  "A weight is in parts per million: 0 to 1000000.");
  if (!asked.candidate && asked.weight_ppm > 0)
    throw invalid("a weight needs a candidate", "It is the share that the candidate gets.",
                  "Name a candidate, or set the weight to 0.");
  if (asked.candidate == asked.stable)
    throw invalid("the candidate is the stable version",
                  fmt::format("Both are \"{}\".", asked.stable));
  if (!model::gate_unit_named(asked.unit))
    throw invalid(fmt::format("unknown unit \"{}\"", asked.unit),
                  "What is hashed is role, application_name, client_addr or setting "
                  "(pg_strata.unit and nothing else).");
}

// Raises 42704 unless a row was changed.
void change_gate(const std::string& base, const std::string& sql,
                 const std::vector<pg::SqlArg>& args) {
  pg::OwnerSpi spi;
  if (spi.run(sql, args) == 0) throw no_gate(base);
}

bool has_rule(const std::string& base, int32_t priority) {
  pg::OwnerSpi spi;
  return !spi.query_now(
                 "SELECT FROM strata.gate AS g, pg_catalog.jsonb_array_elements(g.rules) AS r "
                 "WHERE g.base OPERATOR(pg_catalog.=) $1 AND "
                 "(r OPERATOR(pg_catalog.->>) 'priority')::pg_catalog.int4 "
                 "OPERATOR(pg_catalog.=) $2",
                 {pg::SqlArg::name(base), pg::SqlArg::int4(priority)})
              .empty();
}

}  // namespace

STRATA_CHANGE(set_gate) {
  args.require(0, "base");
  args.require(1, "stable");
  args.require(3, "weight_ppm");
  args.require(4, "unit");
  args.require(6, "enabled");
  const std::string base = require_gate_control(args.oid(0), "set a gate");
  const Asked asked{args.text(1), args.optional_text(2), DatumGetInt32(args.datum(3)),
                    args.text(4)};
  check(base, asked);
  pg::OwnerSpi spi;
  // The key stays what it was, also when the base is renamed: units keep their places.
  spi.run(
      "INSERT INTO strata.gate AS g (base, key, stable, candidate, weight_ppm, unit, salt, "
      "enabled) "
      "VALUES ($1, $1, $2, $3, $4, $5, coalesce($6, ''), $7) ON CONFLICT (base) DO UPDATE SET "
      "stable = EXCLUDED.stable, candidate = EXCLUDED.candidate, weight_ppm = EXCLUDED.weight_ppm, "
      "unit = EXCLUDED.unit, salt = coalesce($6, g.salt), enabled = EXCLUDED.enabled, "
      "set_at = EXCLUDED.set_at, set_by = EXCLUDED.set_by",
      {pg::SqlArg::name(base), pg::SqlArg::text(asked.stable),
       pg::SqlArg::text_or_null(asked.candidate), pg::SqlArg::int4(asked.weight_ppm),
       pg::SqlArg::text(asked.unit), pg::SqlArg::text_or_null(args.optional_text(5)),
       pg::SqlArg::boolean(args.boolean(6))});
  return args.none();
}

STRATA_CHANGE(drop_gate) {
  args.require(0, "base");
  const std::string base = require_gate_control(args.oid(0), "drop a gate");
  change_gate(base, "DELETE FROM strata.gate WHERE base OPERATOR(pg_catalog.=) $1",
              {pg::SqlArg::name(base)});
  return args.none();
}

STRATA_CHANGE(add_rule) {
  args.require(0, "base");
  args.require(1, "priority");
  args.require(2, "match");
  args.require(3, "serve");
  const std::string base = require_gate_control(args.oid(0), "add a rule to a gate");
  const int32_t priority = DatumGetInt32(args.datum(1));
  const std::string match = provenance::json_argument(args, 2);
  const std::string serve = args.text(3);
  require_live(base, serve);
  std::string problem;
  if (!model::read_match(match, problem))
    throw invalid("invalid match", problem,
                  "A match has the keys role, member_of, application_name, database, client_addr "
                  "and unit, each with a string or a list of strings.");
  if (has_rule(base, priority))
    throw Error(ERRCODE_DUPLICATE_OBJECT,
                fmt::format("the gate of schema \"{}\" has a rule of priority {}", base, priority),
                "",
                fmt::format("SELECT strata.drop_rule({}, {});", pg::quote_literal(pg::quote(base)),
                            priority));
  const std::string rule = fmt::format(R"({{"priority": {}, "match": {}, "serve": {}}})", priority,
                                       match, model::json_string(serve));
  change_gate(base,
              "UPDATE strata.gate SET rules = rules OPERATOR(pg_catalog.||) $2::pg_catalog.jsonb, "
              "set_at = pg_catalog.now(), set_by = session_user "
              "WHERE base OPERATOR(pg_catalog.=) $1",
              {pg::SqlArg::name(base), pg::SqlArg::text(rule)});
  return args.none();
}

STRATA_CHANGE(drop_rule) {
  args.require(0, "base");
  args.require(1, "priority");
  const std::string base = require_gate_control(args.oid(0), "drop a rule of a gate");
  const int32_t priority = DatumGetInt32(args.datum(1));
  if (!has_rule(base, priority))
    throw Error(ERRCODE_UNDEFINED_OBJECT,
                fmt::format("the gate of schema \"{}\" has no rule of priority {}", base, priority),
                "", "SELECT base, rules FROM strata.gates;");
  change_gate(base,
              "UPDATE strata.gate SET rules = coalesce((SELECT pg_catalog.jsonb_agg(r) "
              "FROM pg_catalog.jsonb_array_elements(rules) AS r WHERE "
              "(r OPERATOR(pg_catalog.->>) 'priority')::pg_catalog.int4 "
              "OPERATOR(pg_catalog.<>) $2), '[]'), set_at = pg_catalog.now(), "
              "set_by = session_user WHERE base OPERATOR(pg_catalog.=) $1",
              {pg::SqlArg::name(base), pg::SqlArg::int4(priority)});
  return args.none();
}

}  // namespace strata::rollout
