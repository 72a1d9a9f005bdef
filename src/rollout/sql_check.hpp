// Checks of a rollout that are queries of the user's.
#pragma once

#include "model/rollout_steps.hpp"
#include "pg/guard.hpp"

namespace strata::rollout {

struct Answer {
  std::optional<bool> value;
  std::string why;      // a sentence, when there is no value
  bool failed = false;  // no value will ever come of it, as far as one can see
};

// Raises 22023 unless the text is one query.
void require_query(const std::string& sql);

// Runs the query with the rights of the role, in a read-only subtransaction that is rolled back,
// for no longer than the check allows. Raises nothing that the query raises: then it has no answer.
Answer ask(const model::RolloutCheck& check, Oid role);

}  // namespace strata::rollout
