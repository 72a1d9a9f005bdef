// The file that keeps the counters across a clean stop of the server: written by the postmaster
// when all others have gone, read and removed by it at the next start.
//
// Nothing here raises: what goes wrong is logged, and the counters are lost. Plain data only.
#pragma once

#include "pg/shared_counters.hpp"

namespace strata::pg {

class CounterFile {
 public:
  enum Purpose { kRead, kWrite };
  explicit CounterFile(Purpose purpose) noexcept;

  void write(const Counter& counter) noexcept;

  // Puts what was written in place; without counters no file is left.
  void finish() noexcept;

  // Returns false after the last counter, or when there is no file of ours.
  bool read(Counter* counter) noexcept;

  // Ends reading; the file goes.
  void remove() noexcept;

 private:
  FILE* file_;
  bool failed_ = false;
};

}  // namespace strata::pg
