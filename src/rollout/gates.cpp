// Owns: reading and invalidating the session's gates (see gates.hpp).
#include "rollout/gates.hpp"

#include "catalog/registry.hpp"
#include "pg/catalog_watch.hpp"
#include "pg/client.hpp"
#include "pg/default_path.hpp"
#include "pg/names.hpp"
#include "pg/table_scan.hpp"
#include "rollout/gate_copy.hpp"
#include "settings.hpp"

extern "C" {
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/jsonb.h"
#include "utils/syscache.h"
}

namespace strata::rollout {
namespace {

// Columns of the tables; the install script keeps these positions for ever.
enum GateColumns { kBase = 1, kKey, kStable, kCandidate, kWeight, kUnit, kSalt, kEnabled, kRules };
enum VersionColumns { kVersionBase = 2, kVersionVersion, kVersionSchema, kVersionState };

Gates* current = nullptr;
Oid current_user = InvalidOid;  // whom it was read for; SET SESSION AUTHORIZATION makes another one
bool stale = true;
Oid gate_table = InvalidOid;
Oid version_table = InvalidOid;
// There was an invalidation before it was known what to listen for: the copy may not have it.
bool missed = false;
void (*told)() noexcept = nullptr;

void forget() {
  stale = true;
  told();
}

void forget_on_signal(Oid relid) noexcept {
  if (!OidIsValid(gate_table)) missed = true;
  if (relid == InvalidOid || relid == gate_table || relid == version_table) forget();
}

void forget_names(Datum, int, uint32) {
  forget();
}

model::Gate read_gate(const pg::TableRows& rows, int i) {
  model::Gate gate;
  gate.key = rows.text(i, kKey);
  gate.stable = rows.text(i, kStable);
  gate.candidate = rows.text(i, kCandidate);
  gate.weight_ppm = DatumGetInt32(rows.datum(i, kWeight));
  // A unit of a newer release is not known here: missing, so that all are stable.
  gate.unit = model::gate_unit_named(rows.text(i, kUnit)).value_or(model::GateUnit::kSetting);
  gate.salt = rows.text(i, kSalt);
  gate.enabled = DatumGetBool(rows.datum(i, kEnabled));
  return gate;
}

std::string json(Datum value) {
  return pg::call([&] {
    Jsonb* const rules = DatumGetJsonbP(value);
    return JsonbToCString(nullptr, &rules->root, static_cast<int>(VARSIZE(rules)));
  });
}

}  // namespace

struct GateLoader {
  // What is only known in this session.
  static void complete(Gates& out) {
    out.exist_ = true;
    const pg::Client client = pg::client();
    out.client_.role = pg::role_name(GetSessionUserId());
    out.client_.address = client.address;
    out.client_.database = pg::database_name();
    for (const KnownGate& known : out.gates_)
      for (const std::string& group : model::groups_asked(known.gate))
        if (pg::is_member(GetSessionUserId(), group)) out.client_.groups.insert(group);
  }

  static void load(Gates& out) {
    CopiedFrom from;
    if (!gates_are_copied() || !read_copy(gates_setting(), out.gates_, from)) {
      out.gates_.clear();
      if (!catalog::extension_exists()) return;
      out.gates_ = read_gates(from);
    }
    gate_table = from.gates;
    version_table = from.versions;
    complete(out);
    // In the middle of CREATE EXTENSION there is no table yet that could tell us of changes.
    stale = stale || !OidIsValid(gate_table);
  }
};

void LiveVersion::look_up() const {
  if (looked_up_) return;
  oid_ = pg::schema_oid(schema);
  usable_ = OidIsValid(oid_) && pg::may_use_schema(oid_, GetSessionUserId());
  looked_up_ = true;
}

Oid LiveVersion::oid() const {
  look_up();
  return oid_;
}

bool LiveVersion::usable() const {
  look_up();
  return usable_;
}

const LiveVersion* KnownGate::find(std::string_view version) const {
  for (const LiveVersion& live : versions)
    if (live.version == version) return &live;
  return nullptr;
}

const KnownGate* Gates::find(const std::string& base) const {
  for (const KnownGate& known : gates_)
    if (known.base == base) return &known;
  return nullptr;
}

const model::GateClient& Gates::client(const char* unit) {
  client_.application_name = application_name != nullptr ? application_name : "";
  client_.unit = unit;
  return client_;
}

Gates& gates() {
  if (!gates_are_stale()) return *current;
  // Cleared first: what arrives while reading makes the copy stale again, and the next call reads
  // anew.
  stale = false;
  try {
    auto fresh = std::make_unique<Gates>();
    GateLoader::load(*fresh);
    delete current;
    current = fresh.release();
    current_user = GetSessionUserId();
  } catch (...) {
    stale = true;
    throw;
  }
  return *current;
}

std::vector<KnownGate> read_gates(CopiedFrom& from) {
  std::vector<KnownGate> out;
  const pg::TableRows gates = pg::read_table("strata", "gate");
  const pg::TableRows versions = pg::read_table("strata", "published_version");
  from = {gates.relid(), versions.relid()};
  for (int i = 0; i < gates.count(); i++) {
    KnownGate known{gates.name(i, kBase), read_gate(gates, i), json(gates.datum(i, kRules)), {}};
    known.gate.rules = model::read_rules(known.rules);
    for (int j = 0; j < versions.count(); j++)
      if (versions.name(j, kVersionBase) == known.base &&
          versions.text(j, kVersionState) != "retired")
        known.versions.push_back(
            {versions.text(j, kVersionVersion), versions.name(j, kVersionSchema)});
    out.push_back(std::move(known));
  }
  return out;
}

Gates* last_gates() noexcept {
  return current;
}

bool gates_are_copied() noexcept {
  return current == nullptr && !missed && *gates_setting() != '\0';
}

bool gates_are_stale() noexcept {
  return stale || current == nullptr || current_user != GetSessionUserId();
}

Served serve(const KnownGate& gate, const model::GateClient& client) {
  Served out;
  out.decision = model::decide(gate.gate, client);
  const auto fault_of = [&](std::string_view version) -> std::string {
    const LiveVersion* const live = gate.find(version);
    if (live == nullptr) return fmt::format("Version \"{}\" is not live.", version);
    if (!OidIsValid(live->oid())) return fmt::format("Schema \"{}\" is not there.", live->schema);
    if (!live->usable())
      return fmt::format("Role \"{}\" has no right to use schema \"{}\".", client.role,
                         live->schema);
    return {};
  };
  std::string_view version = out.decision.version;
  out.fault = fault_of(version);
  if (!out.fault.empty() && version != gate.gate.stable) {
    version = gate.gate.stable;
    if (const std::string also = fault_of(version); !also.empty()) out.fault += " " + also;
  }
  const LiveVersion* const live = gate.find(version);
  if (live != nullptr && live->usable()) out.version = live;
  return out;
}

bool is_served_at_once(const KnownGate& gate, std::string_view decided) {
  const LiveVersion* const live = gate.find(decided);
  if (live != nullptr && !live->is_looked_up()) return false;
  if (live != nullptr && live->usable()) return true;
  const LiveVersion* const stable = gate.find(gate.gate.stable);
  return stable == nullptr || stable->is_looked_up();
}

void watch_gates(void (*changed)() noexcept) {
  told = changed;
  pg::on_relation_change(forget_on_signal);
  CacheRegisterSyscacheCallback(NAMESPACEOID, forget_names, Datum{0});
  for (const int cache : {AUTHMEMROLEMEM, AUTHOID})
    CacheRegisterSyscacheCallback(cache, forget_names, Datum{0});
}

}  // namespace strata::rollout
