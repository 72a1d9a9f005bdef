// A call of ours that policies decide on, as on the statement that would do the same.
//
//   guard::DecidedCall decision("SELECT strata.retire(...)", base);
//   ...
//   decision.done();
//
// Scope: one call. With pg_strata.mode other than enforce nothing is decided.
#pragma once

#include "guard/admit.hpp"

namespace strata::guard {

class DecidedCall {
 public:
  // Judges the call, written as its proposal has it, and refuses what policies do not let pass
  // (ST001, ST002, ST003); that is kept in strata.attempts. Spends the approval. `base` is the
  // tracked schema it is about. Says in the record of the call what was decided.
  DecidedCall(const std::string& call, Oid base, const std::string& base_name);

  // Ends what held while it ran. Not when it raised: the transaction's end does that.
  void done();

 private:
  Admission* admission_ = nullptr;
};

}  // namespace strata::guard
