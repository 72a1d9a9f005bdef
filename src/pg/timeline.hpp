// Which server this is, and where its log of changes (WAL) came from.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// A point in the life of a cluster.
struct LogPosition {
  int64_t system_identifier = 0;  // as pg_control_system() shows it
  int32_t timeline = 0;
  uint64_t lsn = 0;
};

// Returns where the log is now: what is written next, or on a standby what was replayed last.
LogPosition log_position();

// Returns false when this server left the position's timeline before it got there, so that what
// was written then is not part of this server's life: after a recovery to a point in time, or the
// promotion of a standby that had not got all.
bool lies_behind_us(const LogPosition& position);

// Returns a position in the log as SQL writes it, and reads it; 0 for what is none.
std::string lsn_text(uint64_t lsn);
uint64_t lsn_of(const std::string& text);

}  // namespace strata::pg
