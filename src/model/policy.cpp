// Owns: matching policies (see policy.hpp).
#include "model/policy.hpp"

#include <algorithm>
#include <limits>

namespace strata::model {
namespace {

constexpr std::array<std::string_view, 6> kActions = {
    "allow", "warn", "window", "approval", "window_and_approval", "refuse"};

}  // namespace

std::string_view name(Action action) {
  return kActions[static_cast<size_t>(action)];
}

std::optional<Action> action_named(std::string_view text) {
  for (size_t i = 0; i < kActions.size(); i++)
    if (kActions[i] == text) return static_cast<Action>(i);
  return std::nullopt;
}

Action both(Action a, Action b) {
  const Action least = std::min(a, b);
  const Action most = std::max(a, b);
  return least == Action::Window && most == Action::Approval ? Action::WindowAndApproval : most;
}

bool needs_window(Action action) {
  return action == Action::Window || action == Action::WindowAndApproval;
}

bool needs_approval(Action action) {
  return action == Action::Approval || action == Action::WindowAndApproval;
}

bool exempt(Hazard hazard, const Exemptions& exemptions) {
  // The guard itself is no object of the transaction, and what cannot be read may do anything.
  if (hazard == Hazard::ControlPlane || hazard == Hazard::Unanalyzable) return false;
  if (exemptions.made_here || exemptions.temporary) return true;
  switch (hazard) {
    case Hazard::DataLoss:
    case Hazard::DataLossCascade:
    case Hazard::Irreversible:
      return exemptions.empty;
    case Hazard::Rewrite:
    case Hazard::Scan:
    case Hazard::BlocksReads:
    case Hazard::BlocksWrites:
    case Hazard::NoLockTimeout:
      return exemptions.empty || exemptions.small;
    default:
      return false;
  }
}

void join(Verdict& verdict, const Verdict& other) {
  const Action together = both(verdict.action, other.action);
  if (together == verdict.action) return;
  if (together == other.action)
    verdict.because = other.because;
  else
    verdict.because[1] = other.because[0];
  verdict.action = together;
}

Policies::Policies(std::vector<Policy> policies) : policies_(std::move(policies)) {
  for (const Policy& policy : policies_)
    tiers_[static_cast<size_t>(policy.hazard)][policy.base].push_back(
        {policy.min_bytes, {policy.action, {&policy, nullptr}}});
  for (ByBase& bases : tiers_) {
    for (auto& [base, tiers] : bases) {
      std::stable_sort(tiers.begin(), tiers.end(),
                       [](const Tier& a, const Tier& b) { return a.min_bytes < b.min_bytes; });
      // Each tier takes in those below it, so that one search finds all that match.
      Verdict sum;
      for (Tier& tier : tiers) {
        join(sum, tier.verdict);
        tier.verdict = sum;
      }
    }
  }
}

const Verdict* Policies::at(const ByBase& bases, std::string_view base, int64_t bytes) {
  const auto found = bases.find(base);
  if (found == bases.end()) return nullptr;
  const Tiers& tiers = found->second;
  const auto above =
      std::upper_bound(tiers.begin(), tiers.end(), bytes,
                       [](int64_t value, const Tier& tier) { return value < tier.min_bytes; });
  return above == tiers.begin() ? nullptr : &std::prev(above)->verdict;
}

Verdict Policies::judge(const Case& statement) const {
  const int64_t bytes = statement.bytes < 0 ? std::numeric_limits<int64_t>::max() : statement.bytes;
  Verdict verdict;
  statement.hazards.each([&](Hazard hazard) {
    if (exempt(hazard, statement.exemptions)) return;
    const ByBase& bases = tiers_[static_cast<size_t>(hazard)];
    if (!statement.base.empty())
      if (const Verdict* here = at(bases, statement.base, bytes)) join(verdict, *here);
    if (const Verdict* everywhere = at(bases, {}, bytes)) join(verdict, *everywhere);
  });
  return verdict;
}

void Rules::set(std::string base, Risk risk, int approvals) {
  rules_[{std::move(base), risk}] = approvals;
}

int Rules::needed(const std::string& base, Risk risk, bool demanded) const {
  for (const std::string& scope : {base, std::string()}) {
    const auto found = rules_.find({scope, risk});
    if (found != rules_.end()) return found->second;
  }
  constexpr std::array<int, 4> kDefaults = {0, 0, 1, 2};
  return std::max(kDefaults[static_cast<size_t>(risk)], demanded ? 1 : 0);
}

}  // namespace strata::model
