// Hazards of a statement, by name, and the risk they add up to. Plain C++, no server.
//
// Facts say what a statement does; hazards say what of that can hurt. What the statement does to
// objects that are new or temporary, and to relations without rows, hurts nobody and is no hazard.
// Whether small ones hurt is the policies' to say (min_bytes).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::model {

struct StatementFacts;

enum class Hazard : unsigned {
  DataLoss,         // rows or values go that nothing can compute again
  DataLossCascade,  // some of them in objects that the statement does not name
  LatentLoss,       // a later crash or DELETE will lose rows
  Rewrite,          // a relation with rows is rewritten while others wait
  Scan,             // a relation with rows is read as a whole while others wait
  BlocksReads,      // readers wait, and not only for an instant
  BlocksWrites,     // writers wait, and not only for an instant
  BreaksReaders,
  BreaksWriters,
  Irreversible,
  IntegrityLoss,
  Exposure,
  Privilege,
  ControlPlane,
  Nontransactional,
  NoLockTimeout,  // waits without end for a lock that others queue behind
  Unanalyzable
};
constexpr unsigned kHazards = static_cast<unsigned>(Hazard::Unanalyzable) + 1;

// Returns the name as SQL shows it, as "DATA_LOSS".
std::string_view name(Hazard hazard);

// Returns the hazard of that name, which is upper case; nullopt when there is none.
std::optional<Hazard> hazard_named(std::string_view name);

class HazardSet {
 public:
  constexpr HazardSet() = default;

  void add(Hazard hazard) { bits_ |= bit(hazard); }
  bool has(Hazard hazard) const { return (bits_ & bit(hazard)) != 0; }
  bool empty() const { return bits_ == 0; }

  // Calls `visit` with each hazard, in the order of the enumeration.
  template <class Visit>
  void each(Visit&& visit) const {
    for (unsigned i = 0; i < kHazards; i++)
      if (has(static_cast<Hazard>(i))) visit(static_cast<Hazard>(i));
  }

  bool operator==(const HazardSet&) const = default;

 private:
  static constexpr uint32_t bit(Hazard hazard) {
    return uint32_t{1} << static_cast<unsigned>(hazard);
  }
  uint32_t bits_ = 0;
};

// Returns the names of all of them.
std::vector<std::string> names(const HazardSet& hazards);

enum class Risk : unsigned char { Low, Moderate, High, Critical };

// Returns the name as SQL shows it, as "low".
std::string_view name(Risk risk);
std::optional<Risk> risk_named(std::string_view name);

// What counts as small where nobody says otherwise; the installed policies begin here too.
constexpr int64_t kSmallBytes = int64_t{10} * 1024 * 1024;

// Returns the hazards of a statement.
HazardSet hazards(const StatementFacts& facts);

// Returns the risk of a statement that has these hazards. What it rewrites or reads counts as small
// below `small_bytes`.
Risk risk(const StatementFacts& facts, const HazardSet& hazards, int64_t small_bytes);

}  // namespace strata::model
