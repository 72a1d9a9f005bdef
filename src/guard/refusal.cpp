// Owns: the words of refusals (see refusal.hpp).
#include "guard/refusal.hpp"

#include "guard/policies.hpp"
#include "guard/windows.hpp"
#include "model/joined.hpp"
#include "pg/clock.hpp"
#include "pg/names.hpp"
#include "pg/spi.hpp"

namespace strata::guard {
namespace {

std::string subject(const model::StatementFacts& facts) {
  return facts.object.empty() ? facts.command
                              : fmt::format("{} of {}", facts.command, facts.object);
}

std::string when(const std::string& base) {
  const Oid schema = base.empty() ? InvalidOid : pg::schema_oid(base);
  const int64_t now = pg::now();
  const std::string where =
      base.empty() ? std::string("every base schema") : fmt::format("base schema \"{}\"", base);
  if (window_state(schema, now).open()) return fmt::format("A window for {} is open.", where);
  const std::optional<model::Range> next = next_window(schema, now);
  if (!next) return fmt::format("No window for {} is open, and none is to come.", where);
  return fmt::format("No window for {} is open; the next opens at {}.", where,
                     pg::timestamp_text(next->begin));
}

std::string approvals(const Judgement& judgement, const std::string& base) {
  const int needed = rules().needed(base, judgement.risk, true);
  return fmt::format("It needs {} {} by members of strata_approver other than its author.", needed,
                     needed == 1 ? "approval" : "approvals");
}

constexpr std::string_view kBreakGlass =
    "In an emergency, members of strata_breakglass: SELECT strata.break_glass('reason');";

std::string state_of(const NearMatch& near) {
  return fmt::format("Statement {} of proposal {} is {}, with {} of {} approvals.",
                     near.statement_no, near.proposal, near.state, near.approvals, near.needed);
}

std::string propose(const std::string& base) {
  return fmt::format("SELECT strata.propose('title', $ddl$...$ddl$, {});", pg::quote_literal(base));
}

}  // namespace

std::string why(const Judgement& judgement) {
  std::string out =
      fmt::format("Hazards: {}; risk: {}.", model::joined(model::names(judgement.hazards), ", "),
                  model::name(judgement.risk));
  for (const std::string& reason : judgement.reasons)
    out += fmt::format(" {}.", reason);
  return out;
}

void refuse_by_policy(const model::StatementFacts& facts, const Judgement& judgement) {
  throw Error(sqlstate::kRefusedByPolicy, fmt::format("{} is refused by policy", subject(facts)),
              why(judgement), std::string(kBreakGlass));
}

void refuse_outside_window(const model::StatementFacts& facts, const Judgement& judgement,
                           const std::string& base) {
  throw Error(sqlstate::kOutsideWindow,
              fmt::format("{} may run only in a change window", subject(facts)),
              fmt::format("{} {}", why(judgement), when(base)),
              fmt::format("Run it then, or SELECT strata.add_window(...). {}", kBreakGlass));
}

void refuse_without_approval(const model::StatementFacts& facts, const Judgement& judgement,
                             const std::string& base, const std::optional<NearMatch>& near) {
  std::string detail = why(judgement) + " ";
  detail += near ? state_of(*near) : approvals(judgement, base);
  if (model::needs_window(judgement.action)) detail += " " + when(base);
  throw Error(sqlstate::kNeedsApproval,
              fmt::format("{} needs an approved proposal", subject(facts)), detail,
              fmt::format("{} {}", propose(base), kBreakGlass));
}

void warn(const model::StatementFacts& facts, const Judgement& judgement) {
  warning(fmt::format("{} is hazardous", subject(facts)), why(judgement));
}

}  // namespace strata::guard
