// Values of tstzrange as half-open ranges of instants, and back.
#pragma once

#include "model/window.hpp"
#include "pg/guard.hpp"

namespace strata::pg {

// Returns the range a tstzrange value means; an end that is not there is kBeginOfTime or
// kEndOfTime, an empty range has no length.
model::Range read_time_range(Datum value);

// Returns the tstzrange of a range, in the current memory context.
Datum make_time_range(const model::Range& range);

}  // namespace strata::pg
