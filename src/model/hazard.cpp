// Owns: which facts make which hazard, and which hazards which risk (see hazard.hpp).
#include "model/hazard.hpp"

#include <algorithm>
#include <array>

#include "model/facts.hpp"

namespace strata::model {
namespace {

constexpr std::array<std::string_view, kHazards> kNames = {
    "DATA_LOSS",       "DATA_LOSS_CASCADE", "LATENT_LOSS",    "REWRITE",        "SCAN",
    "BLOCKS_READS",    "BLOCKS_WRITES",     "BREAKS_READERS", "BREAKS_WRITERS", "IRREVERSIBLE",
    "INTEGRITY_LOSS",  "EXPOSURE",          "PRIVILEGE",      "CONTROL_PLANE",  "NONTRANSACTIONAL",
    "NO_LOCK_TIMEOUT", "UNANALYZABLE"};
constexpr std::array<std::string_view, 4> kRisks = {"low", "moderate", "high", "critical"};

bool of_nobody(const RelationFacts& relation) {
  return relation.is_new || relation.is_temp;
}

// An index of nothing has a page.
bool without_rows(const RelationFacts& relation) {
  return relation.bytes == 0 || relation.is_empty;
}

bool loses(const DroppedObject& dropped) {
  return dropped.holds_data && dropped.bytes != 0 && !dropped.is_new && !dropped.is_temp;
}

// Returns true when all the statement is about is new or temporary: nobody else knows it.
bool concerns_nobody(const StatementFacts& facts) {
  if (facts.relations.empty() && facts.drops.empty()) return false;
  return std::all_of(facts.relations.begin(), facts.relations.end(), of_nobody) &&
         std::all_of(facts.drops.begin(), facts.drops.end(), [](const DroppedObject& dropped) {
           return dropped.is_part || dropped.is_new || dropped.is_temp;
         });
}

// A table without a row on disk is used by nobody yet, even if it was made some time ago.
bool uses_only_empty_tables(const StatementFacts& facts) {
  bool some = false;
  for (const RelationFacts& relation : facts.relations) {
    if (of_nobody(relation) || relation.is_index) continue;
    if (std::any_of(facts.drops.begin(), facts.drops.end(), [&](const DroppedObject& dropped) {
          return dropped.objid == relation.oid && dropped.table != 0;
        }))
      continue;  // a sequence, as good or bad as its table
    if (!relation.is_empty) return false;
    some = true;
  }
  return some && std::all_of(facts.drops.begin(), facts.drops.end(), [&](const DroppedObject& d) {
           return d.is_part || d.is_new || d.is_temp ||
                  std::any_of(facts.relations.begin(), facts.relations.end(),
                              [&](const RelationFacts& relation) {
                                return relation.is_empty &&
                                       (relation.oid == d.objid || relation.oid == d.table);
                              });
         });
}

void add_losses(HazardSet& out, const StatementFacts& facts) {
  for (const DroppedObject& dropped : facts.drops) {
    if (!loses(dropped)) continue;
    out.add(Hazard::DataLoss);
    if (dropped.by_cascade) out.add(Hazard::DataLossCascade);
  }
  bool has_rows = false;
  for (const RelationFacts& relation : facts.relations) {
    if (of_nobody(relation) || without_rows(relation)) continue;
    has_rows = has_rows || relation.rewritten;
    if (!relation.emptied || relation.is_index) continue;
    out.add(Hazard::DataLoss);
    if (!relation.named) out.add(Hazard::DataLossCascade);
  }
  if (facts.may_lose_values && has_rows) out.add(Hazard::DataLoss);
}

// A lock alone is held for an instant. It is held long when it is the purpose, or when rows are
// rewritten or read under any lock of the statement: all locks are kept to the end.
void add_waits(HazardSet& out, const StatementFacts& facts) {
  Lock strongest = Lock::None;
  bool long_work = facts.holds_lock;
  bool rewrites = false;
  bool scans = false;
  for (const RelationFacts& relation : facts.relations) {
    if (of_nobody(relation)) continue;
    strongest = std::max(strongest, relation.lock);
    if (without_rows(relation) || relation.emptied) continue;
    rewrites = rewrites || relation.rewritten;
    scans = scans || relation.scanned;
  }
  long_work = long_work || rewrites || scans;
  const Blocks blocked = blocks(strongest);
  if (blocked == Blocks::Nothing) return;
  if (rewrites) out.add(Hazard::Rewrite);
  if (scans) out.add(Hazard::Scan);
  if (long_work && blocked == Blocks::ReadsAndWrites) out.add(Hazard::BlocksReads);
  if (long_work) out.add(Hazard::BlocksWrites);
  if (!facts.has_lock_timeout) out.add(Hazard::NoLockTimeout);
}

}  // namespace

std::string_view name(Hazard hazard) {
  return kNames.at(static_cast<unsigned>(hazard));
}

std::optional<Hazard> hazard_named(std::string_view name) {
  const auto* const at = std::find(kNames.begin(), kNames.end(), name);
  if (at == kNames.end()) return std::nullopt;
  return static_cast<Hazard>(at - kNames.begin());
}

std::vector<std::string> names(const HazardSet& hazards) {
  std::vector<std::string> out;
  hazards.each([&](Hazard hazard) { out.emplace_back(name(hazard)); });
  return out;
}

std::string_view name(Risk risk) {
  return kRisks.at(static_cast<unsigned>(risk));
}

std::optional<Risk> risk_named(std::string_view name) {
  const auto* const at = std::find(kRisks.begin(), kRisks.end(), name);
  if (at == kRisks.end()) return std::nullopt;
  return static_cast<Risk>(at - kRisks.begin());
}

HazardSet hazards(const StatementFacts& facts) {
  HazardSet out;
  if (facts.control_plane) out.add(Hazard::ControlPlane);
  if (!facts.transactional) out.add(Hazard::Nontransactional);
  if (!facts.analyzable) out.add(Hazard::Unanalyzable);
  if (concerns_nobody(facts)) return out;
  if (facts.privilege) out.add(Hazard::Privilege);
  add_losses(out, facts);
  add_waits(out, facts);
  if (facts.latent_loss) out.add(Hazard::LatentLoss);
  if (facts.exposure) out.add(Hazard::Exposure);
  if (uses_only_empty_tables(facts)) return out;
  if (facts.breaks_readers) out.add(Hazard::BreaksReaders);
  if (facts.breaks_writers) out.add(Hazard::BreaksWriters);
  if (facts.integrity_loss) out.add(Hazard::IntegrityLoss);
  // What only adds (a label of an enum) has no inverse either, and nobody misses one.
  if (facts.reversibility == Reversibility::Irreversible && !facts.creates_only)
    out.add(Hazard::Irreversible);
  return out;
}

Risk risk(const StatementFacts& facts, const HazardSet& hazards, int64_t small_bytes) {
  const auto any = [&](std::initializer_list<Hazard> list) {
    return std::any_of(list.begin(), list.end(), [&](Hazard h) { return hazards.has(h); });
  };
  if (any({Hazard::DataLoss, Hazard::DataLossCascade, Hazard::Irreversible, Hazard::Exposure,
           Hazard::ControlPlane}))
    return Risk::Critical;
  if (any({Hazard::BreaksReaders, Hazard::BreaksWriters, Hazard::IntegrityLoss, Hazard::LatentLoss,
           Hazard::Privilege}))
    return Risk::High;
  const bool waits =
      any({Hazard::Rewrite, Hazard::Scan, Hazard::BlocksReads, Hazard::BlocksWrites});
  if (waits && (facts.holds_lock || facts.bytes_touched() >= small_bytes)) return Risk::High;
  if (waits || hazards.has(Hazard::Unanalyzable)) return Risk::Moderate;
  const bool locks = std::any_of(
      facts.relations.begin(), facts.relations.end(), [](const RelationFacts& relation) {
        return !of_nobody(relation) && blocks(relation.lock) != Blocks::Nothing;
      });
  return locks ? Risk::Moderate : Risk::Low;
}

}  // namespace strata::model
