// strata.route, strata.explain_route: what a client of this session gets, and why.
#include "model/json.hpp"
#include "pg/function.hpp"
#include "provenance/json_result.hpp"
#include "rollout/gates.hpp"
#include "settings.hpp"
#include "version/rights.hpp"

namespace strata::rollout {
namespace {

// The gate of the base argument and what it says to this session's client.
struct Answer {
  std::string base;
  const KnownGate* gate = nullptr;  // null: none
  Served served;
};

Answer answer(const pg::Arguments& args) {
  args.require(0, "base");
  Answer out;
  out.base = version::require_tracked(args.oid(0)).name;
  Gates& known = gates();
  out.gate = known.find(out.base);
  const std::string unit = args.optional_text(1).value_or(unit_setting());
  if (out.gate != nullptr) out.served = serve(*out.gate, known.client(unit.c_str()));
  return out;
}

std::string member(const char* name, std::string_view value) {
  return fmt::format("\"{}\": {}", name, value);
}

std::string text(const char* name, std::string_view value) {
  return member(name, value.empty() ? "null" : model::json_string(value));
}

}  // namespace

STRATA_FUNCTION(route) {
  const Answer found = answer(args);
  if (found.served.version != nullptr)
    return pg::call([&] { return CStringGetTextDatum(found.served.version->version.c_str()); });
  args.info()->isnull = true;
  return Datum{0};
}

STRATA_FUNCTION(explain_route) {
  const Answer found = answer(args);
  std::string out = "{" + text("base", found.base);
  const auto add = [&](const std::string& next) { out += ", " + next; };
  if (found.gate == nullptr) {
    add(text("version", ""));
    add(text("reason", "no_gate"));
    return provenance::json_result(out + "}");
  }
  const model::Gate& gate = found.gate->gate;
  const model::GateDecision& decision = found.served.decision;
  const LiveVersion* const version = found.served.version;
  add(text("version", version != nullptr ? version->version : ""));
  add(text("schema", version != nullptr ? version->schema : ""));
  add(text("reason", model::name(decision.reason)));
  add(text("decided", decision.version));
  add(text("fault", found.served.fault));
  add(text("unit", decision.unit));
  add(text("key", gate.key));
  add(text("salt", gate.salt));
  add(member("bucket", decision.bucket ? fmt::to_string(*decision.bucket) : "null"));
  add(member("weight_ppm", fmt::to_string(gate.weight_ppm)));
  add(member("rule", decision.rule != nullptr ? fmt::to_string(decision.rule->priority) : "null"));
  return provenance::json_result(out + "}");
}

}  // namespace strata::rollout
