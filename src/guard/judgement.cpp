// Owns: the way from facts to what policies ask for (see judgement.hpp).
#include "guard/judgement.hpp"

#include "catalog/registry.hpp"
#include "guard/policies.hpp"

namespace strata::guard {
namespace {

void add_base(std::set<std::string>& bases, Oid schema) {
  if (!OidIsValid(schema)) return;
  const catalog::Registry& registry = catalog::registry();
  if (const catalog::BaseSchema* base = registry.base_schema(schema)) bases.insert(base->name);
  if (const catalog::Version* version = registry.version_of_schema(schema))
    bases.insert(version->base);
}

std::vector<std::string> bases_of(const model::StatementFacts& facts) {
  std::set<std::string> bases;
  for (const model::RelationFacts& relation : facts.relations)
    add_base(bases, relation.schema);
  for (const uint32_t schema : facts.schemas)
    add_base(bases, schema);
  for (const model::DroppedObject& dropped : facts.drops)
    add_base(bases, dropped.classid == NamespaceRelationId ? dropped.objid : dropped.schema);
  return {bases.begin(), bases.end()};
}

model::HazardSet only_control_plane(const model::HazardSet& hazards) {
  model::HazardSet out;
  if (hazards.has(model::Hazard::ControlPlane)) out.add(model::Hazard::ControlPlane);
  return out;
}

std::string reason_of(const model::Policy& policy) {
  std::string out =
      fmt::format("{} asks for {}", model::name(policy.hazard), model::name(policy.action));
  if (!policy.base.empty()) out += fmt::format(" in base schema \"{}\"", policy.base);
  if (policy.min_bytes > 0) out += fmt::format(" from {} bytes on", policy.min_bytes);
  return out;
}

void add(Judgement& out, const model::Verdict& verdict) {
  out.action = model::both(out.action, verdict.action);
  for (const model::Policy* policy : verdict.because) {
    if (policy == nullptr) continue;
    const std::string reason = reason_of(*policy);
    if (std::find(out.reasons.begin(), out.reasons.end(), reason) == out.reasons.end())
      out.reasons.push_back(reason);
  }
}

}  // namespace

Judgement judge(const model::StatementFacts& facts) {
  Judgement out;
  out.bases = bases_of(facts);
  out.hazards = model::hazards(facts);
  out.risk = model::risk(facts, out.hazards, model::kSmallBytes);
  const int64_t bytes = facts.bytes_touched();
  model::Case statement{out.hazards, bytes, {}, {}};
  statement.exemptions.small = bytes < model::kSmallBytes;
  if (out.bases.empty()) {
    statement.hazards = only_control_plane(out.hazards);
    add(out, policies().judge(statement));
  }
  for (const std::string& base : out.bases) {
    statement.base = base;
    add(out, policies().judge(statement));
  }
  return out;
}

}  // namespace strata::guard
