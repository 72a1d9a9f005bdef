// The server's clock, and a statement that must be over by a certain time.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Returns the time now, in microseconds since 2000-01-01 00:00 UTC, as timestamptz has it. Not the
// transaction's time.
int64_t now();

// Returns it as timestamptz is shown to the client.
std::string timestamp_text(int64_t at);

// Has the client's statement cancelled (57014) at the time, unless statement_timeout does so
// earlier. The server ends this with the statement.
void end_statement_by(int64_t at);

// Has what runs cancelled (57014) when it has taken longer than so many microseconds, until
// destroyed. Where a statement timeout ends it earlier, that one counts.
class TimeLimit {
 public:
  explicit TimeLimit(int64_t microseconds);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  bool ours_;
  int64_t others_ = 0;  // when the statement's own timeout ends it; 0: it has none
};

}  // namespace strata::pg
