// What can go wrong with a DDL statement, and how bad that is. Plain C++, no server.
//
// The names are part of the SQL interface: stable, documented in docs/guard.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace strata::model {

enum class Hazard : unsigned {
  DataLoss,
  DataLossCascade,
  LatentLoss,
  Rewrite,
  Scan,
  BlocksReads,
  BlocksWrites,
  BreaksReaders,
  BreaksWriters,
  Irreversible,
  IntegrityLoss,
  Exposure,
  Privilege,
  ControlPlane,
  Nontransactional,
  NoLockTimeout,
  Unanalyzable,
};
constexpr unsigned kHazards = 17;

// Returns the name in SQL, such as DATA_LOSS.
std::string_view name(Hazard hazard);

// Returns nullopt for a name that is none.
std::optional<Hazard> hazard_named(std::string_view text);

class HazardSet {
 public:
  void add(Hazard hazard) { bits_ |= 1u << static_cast<unsigned>(hazard); }
  bool has(Hazard hazard) const { return (bits_ >> static_cast<unsigned>(hazard) & 1u) != 0; }
  bool empty() const { return bits_ == 0; }

  // Calls `visit` with each hazard, in the order above.
  template <class Visit>
  void each(Visit&& visit) const {
    for (unsigned i = 0; i < kHazards; i++)
      if ((bits_ >> i & 1u) != 0) visit(static_cast<Hazard>(i));
  }

 private:
  uint32_t bits_ = 0;
};

enum class Risk { Low, Moderate, High, Critical };

// Returns the name in SQL, such as critical.
std::string_view name(Risk risk);
std::optional<Risk> risk_named(std::string_view text);

}  // namespace strata::model
