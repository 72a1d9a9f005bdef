// Owns: the depth of EXPLAINs under way (see explaining.hpp). Scope: backend; taken back also when
// an error passes. The planner is not told what it plans for.
#include "telemetry/explaining.hpp"

#include "ddl/options.hpp"

extern "C" {
#include "tcop/utility.h"
}

namespace strata::telemetry {
namespace {

ProcessUtility_hook_type next_utility = standard_ProcessUtility;
int depth = 0;

class Explaining {
 public:
  Explaining() noexcept { depth++; }
  ~Explaining() { depth--; }
  Explaining(const Explaining&) = delete;
  Explaining& operator=(const Explaining&) = delete;
};

// Raises what the server raises of an option that is neither on nor off.
bool runs_it(Node* explain) {
  return ddl::option_is_on(castNode(ExplainStmt, explain)->options, "analyze");
}

void utility(PlannedStmt* planned, const char* text, bool read_only_tree,
             ProcessUtilityContext context, ParamListInfo params, QueryEnvironment* environment,
             DestReceiver* destination, QueryCompletion* completion) {
  const auto run = [&] {
    next_utility(planned, text, read_only_tree, context, params, environment, destination,
                 completion);
  };
  if (!IsA(planned->utilityStmt, ExplainStmt)) return run();
  pg::enter([&] {
    std::optional<Explaining> now;
    if (!runs_it(planned->utilityStmt)) now.emplace();
    pg::call(run);
  });
}

}  // namespace

bool explaining() noexcept {
  return depth > 0;
}

void watch_explain() {
  if (ProcessUtility_hook) next_utility = ProcessUtility_hook;
  ProcessUtility_hook = utility;
}

}  // namespace strata::telemetry
