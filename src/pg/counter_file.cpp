// Owns: pg_stat/pg_strata_counters.stat (see counter_file.hpp). A header and counters as they lie
// in memory: only the same library on the same machine reads them.
#include "pg/counter_file.hpp"

#include <unistd.h>

extern "C" {
#include "pgstat.h"
#include "storage/fd.h"
}

namespace strata::pg {
namespace {

constexpr const char* kPath = PGSTAT_STAT_PERMANENT_DIRECTORY "/pg_strata_counters.stat";
constexpr const char* kTemporaryPath = PGSTAT_STAT_PERMANENT_DIRECTORY "/pg_strata_counters.tmp";

struct Header {
  char magic[8];
  uint64_t counter_size;
};
constexpr Header kHeader = {{'S', 'T', 'R', 'A', 'T', 'A', 'C', '1'}, sizeof(Counter)};

void complain(const char* what, const char* path) {
  ereport(LOG, (errcode_for_file_access(), errmsg("could not %s file \"%s\": %m", what, path),
                errdetail("What clients used of versions since the last flush may be lost.")));
}

}  // namespace

CounterFile::CounterFile(Purpose purpose) noexcept
    : file_(purpose == kRead ? AllocateFile(kPath, PG_BINARY_R) : nullptr) {
  if (purpose == kWrite || file_ == nullptr) return;
  Header header;
  failed_ = fread(&header, sizeof(header), 1, file_) != 1 ||
            memcmp(&header, &kHeader, sizeof(header)) != 0;
  if (failed_) ereport(LOG, (errmsg("ignoring file \"%s\": it is not of this pg_strata", kPath)));
}

void CounterFile::write(const Counter& counter) noexcept {
  if (failed_) return;
  if (file_ == nullptr) {
    file_ = AllocateFile(kTemporaryPath, PG_BINARY_W);
    failed_ = file_ == nullptr || fwrite(&kHeader, sizeof(kHeader), 1, file_) != 1;
  }
  failed_ = failed_ || fwrite(&counter, sizeof(counter), 1, file_) != 1;
  if (failed_) complain("write", kTemporaryPath);
}

void CounterFile::finish() noexcept {
  if (file_ == nullptr) return;
  if (FreeFile(file_) != 0 && !failed_) {
    complain("close", kTemporaryPath);
    failed_ = true;
  }
  file_ = nullptr;
  // Renames only what has reached the disk.
  if (failed_)
    (void)unlink(kTemporaryPath);
  else
    (void)durable_rename(kTemporaryPath, kPath, LOG);
}

bool CounterFile::read(Counter* counter) noexcept {
  if (file_ == nullptr || failed_) return false;
  if (fread(counter, sizeof(*counter), 1, file_) != 1) return false;
  counter->key.application_name[NAMEDATALEN - 1] = '\0';
  return true;
}

void CounterFile::remove() noexcept {
  if (file_ == nullptr) return;
  (void)FreeFile(file_);
  file_ = nullptr;
  if (unlink(kPath) != 0) complain("remove", kPath);
}

}  // namespace strata::pg
