// Owns: the way from facts to a verdict (see judge.hpp).
#include "guard/judge.hpp"

#include "catalog/registry.hpp"
#include "guard/policies.hpp"

extern "C" {
#include "catalog/pg_namespace.h"
}

namespace strata::guard {
namespace {

std::vector<std::string> touched_bases(const model::StatementFacts& facts,
                                       const std::string& base) {
  const catalog::Registry& registry = catalog::registry();
  std::set<std::string> out;
  if (!base.empty()) out.insert(base);
  const auto add = [&](uint32_t schema) {
    if (const catalog::BaseSchema* found = registry.base_schema(schema)) out.insert(found->name);
  };
  for (const model::RelationFacts& relation : facts.relations)
    add(relation.schema);
  for (const model::DroppedObject& dropped : facts.drops) {
    add(dropped.schema);
    if (dropped.classid == NamespaceRelationId) add(dropped.objid);
  }
  return {out.begin(), out.end()};
}

}  // namespace

Judgement judge(const model::StatementFacts& facts, const std::string& base) {
  Judgement out;
  out.hazards = model::hazards(facts);
  out.risk = model::risk(facts, out.hazards, model::kSmallBytes);
  out.bytes = facts.bytes_touched();
  out.bases = touched_bases(facts, base);
  model::Case statement{out.hazards, out.bytes, {}, {}};
  if (out.bases.empty()) {
    if (!out.hazards.has(model::Hazard::ControlPlane)) return out;
    statement.hazards = {};
    statement.hazards.add(model::Hazard::ControlPlane);
    out.verdict = policies().judge(statement);
  }
  for (const std::string& touched : out.bases) {
    statement.base = touched;
    model::join(out.verdict, policies().judge(statement));
  }
  return out;
}

std::string reason(const model::Verdict& verdict) {
  std::string out;
  for (const model::Policy* policy : verdict.because) {
    if (policy == nullptr) continue;
    out += fmt::format(
        "{}{} is {} in {}", out.empty() ? "" : ", and ", model::name(policy->hazard),
        model::name(policy->action),
        policy->base.empty() ? "all base schemas" : fmt::format("schema \"{}\"", policy->base));
    if (policy->min_bytes > 0) out += fmt::format(" from {} bytes on", policy->min_bytes);
  }
  return out.empty() ? out : out + ".";
}

}  // namespace strata::guard
