// The file that keeps the queue of attempts across a clean stop of the server.
#pragma once

#include "pg/kept_file.hpp"
#include "pg/shared_queue.hpp"

namespace strata::pg {

extern const KeptFileForm queue_file;

// Reads the next entry, whose texts all have an end; false after the last one.
bool read_attempt(KeptFile& file, QueuedAttempt* attempt) noexcept;

}  // namespace strata::pg
