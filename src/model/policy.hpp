// From hazards to a verdict: which policies match a statement, and what they ask for together.
// Plain C++, no server.
//
// Owns: the index of policies that every judged statement is looked up in, and the number of
// approvals that a risk needs. Immutable once built, so a session keeps one until a policy changes.
#pragma once

#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/hazard.hpp"

namespace strata::model {

// Stricter is greater, but for Window and Approval: neither includes the other.
enum class Action { Allow, Warn, Window, Approval, WindowAndApproval, Refuse };

// Returns the name in SQL, such as window_and_approval.
std::string_view name(Action action);
std::optional<Action> action_named(std::string_view text);

// Returns the least action that asks for all that both ask for.
Action both(Action a, Action b);

bool needs_window(Action action);
bool needs_approval(Action action);

struct Policy {
  int64_t id = 0;
  Hazard hazard = Hazard::DataLoss;
  Action action = Action::Allow;
  std::string base;       // empty: in every base schema
  int64_t min_bytes = 0;  // matches statements that touch at least as much
};

// What a policy shall not be asked about. Each flag speaks of all relations of the statement, also
// of those that a cascade reaches.
struct Exemptions {
  bool made_here = false;  // made by the same transaction: nobody else has seen them
  bool temporary = false;
  bool empty = false;  // no rows: nothing to lose, to rewrite or to wait for
  bool small = false;  // read or rewritten in no time
};

// Returns true when the exemptions take the hazard away. What others read, who may do what and the
// guard itself are not a matter of size, so only the first two take all hazards away.
bool exempt(Hazard hazard, const Exemptions& exemptions);

// What a policy is asked about.
struct Case {
  HazardSet hazards;
  int64_t bytes = 0;      // touched; negative: unknown, which counts as large
  std::string_view base;  // the base schema it happens in
  Exemptions exemptions;
};

struct Verdict {
  Action action = Action::Allow;
  // The policies that make it so: none for Allow; two where one asks for a window and another one
  // for approval.
  std::array<const Policy*, 2> because = {nullptr, nullptr};
};

// Makes `verdict` ask for what `other` asks for as well.
void join(Verdict& verdict, const Verdict& other);

class Policies {
 public:
  Policies() = default;
  explicit Policies(std::vector<Policy> policies);
  // Entries point into the vector.
  Policies(const Policies&) = delete;
  Policies& operator=(const Policies&) = delete;
  Policies(Policies&&) = default;
  Policies& operator=(Policies&&) = default;

  // Returns what all matching policies ask for together. The pointers hold as long as this object.
  Verdict judge(const Case& statement) const;

  const std::vector<Policy>& all() const { return policies_; }

 private:
  // Of the policies for one hazard and base: from this many bytes on, this is the verdict.
  struct Tier {
    int64_t min_bytes;
    Verdict verdict;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Tiers = std::vector<Tier>;
  using ByBase = std::unordered_map<std::string, Tiers, Hash, std::equal_to<>>;

  static const Verdict* at(const ByBase& tiers, std::string_view base, int64_t bytes);

  std::vector<Policy> policies_;
  std::array<ByBase, kHazards> tiers_;
};

// How many approvals a proposal needs, by base schema and risk.
class Rules {
 public:
  // An empty base: everywhere that has no rule of its own.
  void set(std::string base, Risk risk, int approvals);

  // `demanded`: a policy asks for approval, so without a rule that says otherwise at least one
  // person has to look, whatever the risk.
  int needed(const std::string& base, Risk risk, bool demanded) const;

 private:
  std::map<std::pair<std::string, Risk>, int> rules_;
};

}  // namespace strata::model
