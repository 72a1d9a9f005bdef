// What a refused client is told: what, why, when it would pass, and how to get there.
#pragma once

#include "guard/judgement.hpp"
#include "pg/guard.hpp"

namespace strata::guard {

[[noreturn]] void refuse_by_policy(const model::StatementFacts& facts, const Judgement& judgement);

// `base`: where no window is open. 
[[noreturn]] void refuse_outside_window(const model::StatementFacts& facts,
                                        const Judgement& judgement, const std::string& base);

[[noreturn]] void refuse_without_approval(const model::StatementFacts& facts,
                                          const Judgement& judgement, const std::string& base);

// A warning, for policies that ask for no more.
void warn(const model::StatementFacts& facts, const Judgement& judgement);

// Returns "Hazards: ...; risk ...; policy: ...", with full stop.
std::string why(const Judgement& judgement);

}  // namespace strata::guard
