// From one phase or step of a rollout to another: its row, its gate, and the proposal where one is
// asked for.
#pragma once

#include "rollout/rollout_rows.hpp"

namespace strata::rollout {

// Begins the step that `rollout` is in, or asks for its approval first, unless it is `approved`.
// `insist`: the gate is set also where somebody has changed it meanwhile.
struct StepBegin {
  bool approved = false;
  bool insist = false;
};
void begin_step(pg::Spi& spi, RolloutRow rollout, StepBegin how, const std::string& reason);

// Stops where it is: paused or halted. The gate stays.
void stop(pg::Spi& spi, RolloutRow rollout, Phase phase, const std::string& reason);

// Ends it: completed, which makes the candidate the stable version, rolled back or aborted, which
// takes it out of the gate. A gate that somebody has given other versions stays as it is.
void end(pg::Spi& spi, RolloutRow rollout, Phase phase, const std::string& reason);

}  // namespace strata::rollout
