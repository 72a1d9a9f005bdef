// The file that keeps the queue of attempts across a clean stop of the server: written by the
// postmaster when all others have gone, read and removed by it at the next start.
//
// Nothing here raises: what goes wrong is logged, and the entries are lost. Plain data only.
#pragma once

#include "pg/shared_queue.hpp"

namespace strata::pg {

class QueueFile {
 public:
  enum Purpose { kRead, kWrite };
  explicit QueueFile(Purpose purpose) noexcept;

  void write(const QueuedAttempt& attempt) noexcept;

  // Puts what was written in place; without entries no file is left.
  void finish() noexcept;

  // Returns false after the last entry, or when there is no file of ours.
  bool read(QueuedAttempt* attempt) noexcept;

  // Ends reading; the file goes.
  void remove() noexcept;

 private:
  FILE* file_;
  bool failed_ = false;
};

}  // namespace strata::pg
