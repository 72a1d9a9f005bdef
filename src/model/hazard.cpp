// Owns: the names of hazards and risks (see hazard.hpp).
#include "model/hazard.hpp"

#include <array>

namespace strata::model {
namespace {

constexpr std::array<std::string_view, kHazards> kNames = {
    "DATA_LOSS",       "DATA_LOSS_CASCADE", "LATENT_LOSS",    "REWRITE",        "SCAN",
    "BLOCKS_READS",    "BLOCKS_WRITES",     "BREAKS_READERS", "BREAKS_WRITERS", "IRREVERSIBLE",
    "INTEGRITY_LOSS",  "EXPOSURE",          "PRIVILEGE",      "CONTROL_PLANE",  "NONTRANSACTIONAL",
    "NO_LOCK_TIMEOUT", "UNANALYZABLE",
};
constexpr std::array<std::string_view, 4> kRisks = {"low", "moderate", "high", "critical"};

}  // namespace

std::string_view name(Hazard hazard) {
  return kNames[static_cast<size_t>(hazard)];
}

std::optional<Hazard> hazard_named(std::string_view text) {
  for (unsigned i = 0; i < kHazards; i++)
    if (text == kNames[i]) return static_cast<Hazard>(i);
  return std::nullopt;
}

std::string_view name(Risk risk) {
  return kRisks[static_cast<size_t>(risk)];
}

std::optional<Risk> risk_named(std::string_view text) {
  for (size_t i = 0; i < kRisks.size(); i++)
    if (text == kRisks[i]) return static_cast<Risk>(i);
  return std::nullopt;
}

}  // namespace strata::model
