// Owns: reading the position in the log and the history of timelines (see timeline.hpp).
#include "pg/timeline.hpp"

extern "C" {
#include "access/timeline.h"
#include "access/xlog.h"
#include "access/xlogrecovery.h"
}

namespace strata::pg {

LogPosition log_position() {
  return call([] {
    LogPosition out;
    out.system_identifier = static_cast<int64_t>(GetSystemIdentifier());
    TimeLineID timeline = 0;
    if (RecoveryInProgress()) {
      out.lsn = GetXLogReplayRecPtr(&timeline);
    } else {
      timeline = GetWALInsertionTimeLine();
      out.lsn = GetXLogInsertRecPtr();
    }
    out.timeline = static_cast<int32_t>(timeline);
    return out;
  });
}

bool lies_behind_us(const LogPosition& position) {
  const LogPosition now = log_position();
  if (now.system_identifier != position.system_identifier) return false;
  if (now.timeline == position.timeline) return true;
  return call([&] {
    List* history = readTimeLineHistory(static_cast<TimeLineID>(now.timeline));
    ListCell* cell;
    foreach (cell, history) {
      const auto* entry = static_cast<TimeLineHistoryEntry*>(lfirst(cell));
      if (entry->tli != static_cast<TimeLineID>(position.timeline)) continue;
      return XLogRecPtrIsInvalid(entry->end) || position.lsn <= entry->end;
    }
    return false;
  });
}

std::string lsn_text(uint64_t lsn) {
  return fmt::format("{:X}/{:X}", lsn >> 32, lsn & 0xFFFFFFFF);
}

uint64_t lsn_of(const std::string& text) {
  unsigned int high = 0;
  unsigned int low = 0;
  if (sscanf(text.c_str(), "%X/%X", &high, &low) != 2) return 0;
  return uint64_t{high} << 32 | low;
}

}  // namespace strata::pg
