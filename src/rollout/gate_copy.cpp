// Owns: the form of the copy, and when it is written (see gate_copy.hpp).
#include "rollout/gate_copy.hpp"

#include "catalog/registry.hpp"
#include "model/json.hpp"
#include "model/json_value.hpp"
#include "pg/database_setting.hpp"
#include "pg/function.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_extension.h"
#include "commands/trigger.h"
#include "utils/inval.h"
}

namespace strata::rollout {
namespace {

constexpr const char* kSetting = "pg_strata.gates";

bool changed = false;  // by this transaction

std::string member(const char* name, std::string_view value) {
  return fmt::format("\"{}\": {}", name, value);
}

std::string text(const char* name, const std::string& value) {
  return member(name, model::json_string(value));
}

std::string written(const KnownGate& known) {
  const model::Gate& gate = known.gate;
  std::string out = "{" + text("base", known.base);
  const auto add = [&](const std::string& next) { out += ", " + next; };
  add(text("key", gate.key));
  add(text("stable", gate.stable));
  add(text("candidate", gate.candidate));
  add(member("weight", fmt::to_string(gate.weight_ppm)));
  add(text("unit", std::string(model::name(gate.unit))));
  add(text("salt", gate.salt));
  add(member("enabled", gate.enabled ? "1" : "0"));
  add(member("rules", known.rules.empty() ? "[]" : known.rules));
  std::string versions;
  for (const LiveVersion& live : known.versions)
    versions += fmt::format("{}{}: {}", versions.empty() ? "" : ", ",
                            model::json_string(live.version), model::json_string(live.schema));
  add(member("versions", "{" + versions + "}"));
  return out + "}";
}

// Numbers are our own; what is none is 0.
uint32_t number(const model::JsonValue& in, std::string_view name) {
  return static_cast<uint32_t>(strtoul(in.member(name).c_str(), nullptr, 10));
}

std::optional<KnownGate> read_gate(const model::JsonValue& value) {
  const model::JsonValue* const rules = value.find("rules");
  const model::JsonValue* const versions = value.find("versions");
  if (rules == nullptr || versions == nullptr) return std::nullopt;
  KnownGate out;
  out.base = value.member("base");
  out.rules = rules->text;
  out.gate.key = value.member("key");
  out.gate.stable = value.member("stable");
  out.gate.candidate = value.member("candidate");
  out.gate.weight_ppm = static_cast<int32_t>(number(value, "weight"));
  out.gate.unit = model::gate_unit_named(value.member("unit")).value_or(model::GateUnit::kSetting);
  out.gate.salt = value.member("salt");
  out.gate.enabled = number(value, "enabled") != 0;
  out.gate.rules = model::read_rules(*rules);
  for (const model::JsonValue& live : versions->items)
    out.versions.push_back({live.name(), live.string()});
  return out;
}

// Returns the copy as it has to be now; none where there is no gate.
std::optional<std::string> due() {
  if (!catalog::extension_exists()) return std::nullopt;
  CopiedFrom from;
  const std::vector<KnownGate> gates = read_gates(from);
  if (gates.empty()) return std::nullopt;
  return write_copy(gates, from);
}

// Versions of bases without a gate change nothing of it: whoever publishes them waits for nobody,
// and nobody for a prepared transaction of theirs.
void write() {
  if (due() == pg::database_setting(kSetting)) return;
  pg::lock_database_settings();
  const std::optional<std::string> copy = due();
  if (copy != pg::database_setting(kSetting)) pg::set_database_setting(kSetting, copy);
}

void on_transaction(XactEvent event, void*) {
  if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE) {
    if (changed) pg::enter(write);
  } else if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
             event == XACT_EVENT_PREPARE) {
    changed = false;
  }
}

}  // namespace

std::string write_copy(const std::vector<KnownGate>& gates, const CopiedFrom& from) {
  std::string all;
  for (const KnownGate& known : gates)
    all += (all.empty() ? "" : ", ") + written(known);
  return fmt::format("{{{}, {}, {}, {}}}", text("of", pg::database_identity()),
                     member("gate_table", fmt::to_string(from.gates)),
                     member("version_table", fmt::to_string(from.versions)),
                     member("gates", "[" + all + "]"));
}

bool read_copy(const char* text, std::vector<KnownGate>& gates, CopiedFrom& from) {
  const auto read = model::read_json(text);
  if (!read || read->member("of") != pg::database_identity()) return false;
  const model::JsonValue* const all = read->find("gates");
  if (all == nullptr) return false;
  for (const model::JsonValue& value : all->items) {
    auto gate = read_gate(value);
    if (!gate) return false;
    gates.push_back(std::move(*gate));
  }
  from.gates = number(*read, "gate_table");
  from.versions = number(*read, "version_table");
  return OidIsValid(from.gates) && OidIsValid(from.versions);
}

// The trigger behind changes of gates and of versions: tells all sessions, and has the copy
// written.
STRATA_FUNCTION(gates_changed) {
  if (!CALLED_AS_TRIGGER(args.info()))
    throw Error(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "gates_changed is a trigger function");
  changed = true;
  const Relation table = reinterpret_cast<TriggerData*>(args.info()->context)->tg_relation;
  pg::call([&] { CacheInvalidateRelcache(table); });
  return PointerGetDatum(nullptr);
}

bool copy_is_good() {
  return changed || due() == pg::database_setting(kSetting);
}

void renew_copy() noexcept {
  changed = true;
}

void note_dropped(Oid classid) {
  if (classid == ExtensionRelationId) changed = true;
}

void watch_gate_copy() {
  RegisterXactCallback(on_transaction, nullptr);
}

}  // namespace strata::rollout
