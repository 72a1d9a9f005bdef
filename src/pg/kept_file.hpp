// A file that keeps records of shared memory across a clean stop of the server: written by the
// postmaster when all others have gone, read and removed by it at the next start. A header and
// records as they lie in memory: only the same library on the same machine reads them.
//
// Nothing here raises: what goes wrong is logged, and the records are lost. Plain data only.
#pragma once

#include "pg/prelude.hpp"

namespace strata::pg {

struct KeptFileForm {
  const char* path;
  const char* temporary_path;  // until it is complete
  char magic[8];
  uint64_t record_size;
  const char* loss;  // a sentence on what may be lost
};

class KeptFile {
 public:
  enum Purpose { kRead, kWrite };
  KeptFile(const KeptFileForm& form, Purpose purpose) noexcept;

  void write(const void* record) noexcept;

  // Puts what was written in place; without records no file is left.
  void finish() noexcept;

  // Returns false after the last record, or when there is no file of ours.
  bool read(void* record) noexcept;

  // Ends reading; the file goes.
  void remove() noexcept;

 private:
  void complain(const char* what, const char* path) const noexcept;

  const KeptFileForm* form_;
  FILE* file_;
  bool failed_ = false;
};

}  // namespace strata::pg
