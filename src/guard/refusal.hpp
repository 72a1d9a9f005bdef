// What a refused client is told: what, why, when it would pass, and how to get there.
#pragma once

#include "guard/judgement.hpp"
#include "guard/proposals.hpp"
#include "pg/guard.hpp"

namespace strata::guard {

[[noreturn]] void refuse_by_policy(const model::StatementFacts& facts, const Judgement& judgement);

// `base`: where no window is open.
[[noreturn]] void refuse_outside_window(const model::StatementFacts& facts,
                                        const Judgement& judgement, const std::string& base);

// `base`: where it would be proposed. `near`: a proposal that has the statement and does not do.
[[noreturn]] void refuse_without_approval(const model::StatementFacts& facts,
                                          const Judgement& judgement, const std::string& base,
                                          const std::optional<NearMatch>& near);

// A warning, for policies that ask for no more.
void warn(const model::StatementFacts& facts, const Judgement& judgement);

// Returns "Hazards: ...; risk ...; policy: ...", with full stop.
std::string why(const Judgement& judgement);

}  // namespace strata::guard
