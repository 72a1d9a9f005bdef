// Owns: writing and reading of such files (see kept_file.hpp).
#include "pg/kept_file.hpp"

#include <unistd.h>

extern "C" {
#include "storage/fd.h"
}

namespace strata::pg {
namespace {

struct Header {
  char magic[8];
  uint64_t record_size;
};

Header header_of(const KeptFileForm& form) {
  Header header{};
  memcpy(header.magic, form.magic, sizeof(header.magic));
  header.record_size = form.record_size;
  return header;
}

}  // namespace

void KeptFile::complain(const char* what, const char* path) const noexcept {
  ereport(LOG, (errcode_for_file_access(), errmsg("could not %s file \"%s\": %m", what, path),
                errdetail("%s", form_->loss)));
}

KeptFile::KeptFile(const KeptFileForm& form, Purpose purpose) noexcept
    : form_(&form), file_(purpose == kRead ? AllocateFile(form.path, PG_BINARY_R) : nullptr) {
  if (purpose == kWrite || file_ == nullptr) return;
  const Header ours = header_of(form);
  Header header;
  failed_ =
      fread(&header, sizeof(header), 1, file_) != 1 || memcmp(&header, &ours, sizeof(header)) != 0;
  if (failed_)
    ereport(LOG, (errmsg("ignoring file \"%s\": it is not of this pg_strata", form.path)));
}

void KeptFile::write(const void* record) noexcept {
  if (failed_) return;
  if (file_ == nullptr) {
    const Header header = header_of(*form_);
    file_ = AllocateFile(form_->temporary_path, PG_BINARY_W);
    failed_ = file_ == nullptr || fwrite(&header, sizeof(header), 1, file_) != 1;
  }
  failed_ = failed_ || fwrite(record, form_->record_size, 1, file_) != 1;
  if (failed_) complain("write", form_->temporary_path);
}

void KeptFile::finish() noexcept {
  if (file_ == nullptr) return;
  if (FreeFile(file_) != 0 && !failed_) {
    complain("close", form_->temporary_path);
    failed_ = true;
  }
  file_ = nullptr;
  // Renames only what has reached the disk.
  if (failed_)
    (void)unlink(form_->temporary_path);
  else
    (void)durable_rename(form_->temporary_path, form_->path, LOG);
}

bool KeptFile::read(void* record) noexcept {
  return file_ != nullptr && !failed_ && fread(record, form_->record_size, 1, file_) == 1;
}

void KeptFile::remove() noexcept {
  if (file_ == nullptr) return;
  (void)FreeFile(file_);
  file_ = nullptr;
  if (unlink(form_->path) != 0) complain("remove", form_->path);
}

}  // namespace strata::pg
