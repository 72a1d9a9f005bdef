// Owns: pg_stat/pg_strata_attempts.queue (see queue_file.hpp). A header and entries as they lie in
// memory: only the same library on the same machine reads them.
#include "pg/queue_file.hpp"

#include <unistd.h>

extern "C" {
#include "pgstat.h"
#include "storage/fd.h"
}

namespace strata::pg {
namespace {

constexpr const char* kPath = PGSTAT_STAT_PERMANENT_DIRECTORY "/pg_strata_attempts.queue";
constexpr const char* kTemporaryPath = PGSTAT_STAT_PERMANENT_DIRECTORY "/pg_strata_attempts.tmp";

struct Header {
  char magic[8];
  uint64_t entry_size;
};
constexpr Header kHeader = {{'S', 'T', 'R', 'A', 'T', 'A', 'Q', '1'}, sizeof(QueuedAttempt)};

void complain(const char* what, const char* path) {
  ereport(LOG, (errcode_for_file_access(), errmsg("could not %s file \"%s\": %m", what, path),
                errdetail("Refused and failed statements that were not written yet may be lost.")));
}

void end_text(char* text, size_t size) {
  text[size - 1] = '\0';
}

}  // namespace

QueueFile::QueueFile(Purpose purpose) noexcept
    : file_(purpose == kRead ? AllocateFile(kPath, PG_BINARY_R) : nullptr) {
  if (purpose == kWrite || file_ == nullptr) return;
  Header header;
  failed_ = fread(&header, sizeof(header), 1, file_) != 1 ||
            memcmp(&header, &kHeader, sizeof(header)) != 0;
  if (failed_) ereport(LOG, (errmsg("ignoring file \"%s\": it is not of this pg_strata", kPath)));
}

void QueueFile::write(const QueuedAttempt& attempt) noexcept {
  if (failed_) return;
  if (file_ == nullptr) {
    file_ = AllocateFile(kTemporaryPath, PG_BINARY_W);
    failed_ = file_ == nullptr || fwrite(&kHeader, sizeof(kHeader), 1, file_) != 1;
  }
  failed_ = failed_ || fwrite(&attempt, sizeof(attempt), 1, file_) != 1;
  if (failed_) complain("write", kTemporaryPath);
}

void QueueFile::finish() noexcept {
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

bool QueueFile::read(QueuedAttempt* attempt) noexcept {
  if (file_ == nullptr || failed_) return false;
  if (fread(attempt, sizeof(*attempt), 1, file_) != 1) return false;
  end_text(attempt->session_role_name.data, sizeof(attempt->session_role_name.data));
  end_text(attempt->application_name.data, sizeof(attempt->application_name.data));
  end_text(attempt->base_name.data, sizeof(attempt->base_name.data));
  end_text(attempt->client_addr, sizeof(attempt->client_addr));
  end_text(attempt->reason, sizeof(attempt->reason));
  end_text(attempt->detail, sizeof(attempt->detail));
  end_text(attempt->statement, sizeof(attempt->statement));
  return true;
}

void QueueFile::remove() noexcept {
  if (file_ == nullptr) return;
  (void)FreeFile(file_);
  file_ = nullptr;
  if (unlink(kPath) != 0) complain("remove", kPath);
}

}  // namespace strata::pg
