// Owns: the form of pg_stat/pg_strata_attempts.queue (see queue_file.hpp).
#include "pg/queue_file.hpp"

extern "C" {
#include "pgstat.h"
}

namespace strata::pg {

const KeptFileForm queue_file = {
    PGSTAT_STAT_PERMANENT_DIRECTORY "/pg_strata_attempts.queue",
    PGSTAT_STAT_PERMANENT_DIRECTORY "/pg_strata_attempts.tmp",
    {'S', 'T', 'R', 'A', 'T', 'A', 'Q', '1'},
    sizeof(QueuedAttempt),
    "Refused and failed statements that were not written yet may be lost."};

namespace {

void end_text(char* text, size_t size) {
  text[size - 1] = '\0';
}

}  // namespace

bool read_attempt(KeptFile& file, QueuedAttempt* attempt) noexcept {
  if (!file.read(attempt)) return false;
  end_text(attempt->session_role_name.data, sizeof(attempt->session_role_name.data));
  end_text(attempt->application_name.data, sizeof(attempt->application_name.data));
  end_text(attempt->base_name.data, sizeof(attempt->base_name.data));
  end_text(attempt->client_addr, sizeof(attempt->client_addr));
  end_text(attempt->reason, sizeof(attempt->reason));
  end_text(attempt->detail, sizeof(attempt->detail));
  end_text(attempt->statement, sizeof(attempt->statement));
  return true;
}

}  // namespace strata::pg
