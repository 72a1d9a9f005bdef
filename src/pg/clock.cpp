// Owns: the server's clock (see clock.hpp).
#include "pg/clock.hpp"

extern "C" {
#include "utils/timeout.h"
#include "utils/timestamp.h"
}

namespace strata::pg {

int64_t now() {
  return GetCurrentTimestamp();
}

std::string timestamp_text(int64_t at) {
  return call([&] { return timestamptz_to_str(at); });
}

// As statement_timeout, with its handler: enable_statement_timeout (tcop/postgres.c).
void end_statement_by(int64_t at) {
  call([&] {
    if (get_timeout_active(STATEMENT_TIMEOUT) && get_timeout_finish_time(STATEMENT_TIMEOUT) <= at)
      return;
    enable_timeout_at(STATEMENT_TIMEOUT, at);
  });
}

}  // namespace strata::pg
