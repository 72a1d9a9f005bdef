// What is counted of the two versions of a rollout.
#pragma once

#include "rollout/rollout_rows.hpp"

namespace strata::rollout {

// Returns what was counted of both since ever, also by sessions at work; nullopt: one of them is
// not live any more.
std::optional<model::Sample> sample(pg::Spi& spi, const RolloutRow& rollout);

}  // namespace strata::rollout
