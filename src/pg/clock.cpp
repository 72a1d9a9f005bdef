// Owns: the server's clock (see clock.hpp).
#include "pg/clock.hpp"

extern "C" {
#include "miscadmin.h"
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

TimeLimit::TimeLimit(int64_t microseconds) {
  const int64_t end = now() + microseconds;
  if (get_timeout_active(STATEMENT_TIMEOUT)) others_ = get_timeout_finish_time(STATEMENT_TIMEOUT);
  ours_ = others_ == 0 || others_ > end;
  if (ours_) call([&] { enable_timeout_at(STATEMENT_TIMEOUT, end); });
}

TimeLimit::~TimeLimit() {
  if (!ours_) return;
  disable_timeout(STATEMENT_TIMEOUT, true);
  // It came when all was done: nobody is to be cancelled for it later.
  if (get_timeout_indicator(STATEMENT_TIMEOUT, true)) QueryCancelPending = false;
  if (others_ != 0) enable_timeout_at(STATEMENT_TIMEOUT, others_);
}

}  // namespace strata::pg
