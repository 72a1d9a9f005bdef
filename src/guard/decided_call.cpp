// Owns: the decision on calls of ours (see decided_call.hpp).
#include "guard/decided_call.hpp"

#include "guard/parse.hpp"
#include "provenance/call.hpp"
#include "settings.hpp"

namespace strata::guard {

DecidedCall::DecidedCall(const std::string& call, Oid base, const std::string& base_name) {
  if (mode() != Mode::kEnforce) return;
  Attempt attempt = attempt_of_client();
  set_base(attempt, base, base_name);
  noting(attempt, [&] {
    admission_ = admit(parse(call).at(0).tree, &attempt);
    if (admission_ != nullptr) use(admission_);
  });
  if (admission_ != nullptr) provenance::Call::decided(*admission_);
}

void DecidedCall::done() {
  if (admission_ == nullptr) return;
  end(admission_);
  settle(std::exchange(admission_, nullptr));
}

}  // namespace strata::guard
