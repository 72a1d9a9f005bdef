// Owns: turning Error back into a server error, and notices.
#include "pg/error.hpp"

#include "pg/guard.hpp"

extern "C" {
#include "utils/memutils.h"
}

namespace strata {
namespace {

// Copies text into the memory of errors; null for empty or when memory is out, because a
// constructor of an exception must not raise.
const char* keep(std::string_view text) noexcept {
  if (text.empty()) return nullptr;
  auto* copy = static_cast<char*>(
      MemoryContextAllocExtended(error_memory(), text.size() + 1, MCXT_ALLOC_NO_OOM));
  if (copy == nullptr) return nullptr;
  memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

void report(int level, int sqlstate, std::string_view message, std::string_view detail,
            std::string_view hint) {
  const char* text = keep(message);
  const char* more = keep(detail);
  const char* help = keep(hint);
  pg::call([&] {
    ereport(level, (errcode(sqlstate), errmsg_internal("%s", text ? text : "out of memory"),
                    more ? errdetail_internal("%s", more) : 0, help ? errhint("%s", help) : 0));
  });
}

}  // namespace

MemoryContext error_memory() noexcept {
  return TopTransactionContext != nullptr ? TopTransactionContext : TopMemoryContext;
}

Error::Error(int sqlstate, std::string_view message, std::string_view detail,
             std::string_view hint) noexcept
    : sqlstate_(sqlstate), message_(keep(message)), detail_(keep(detail)), hint_(keep(hint)) {}

const char* Error::message() const noexcept {
  const char* text = server_ ? server_->message : message_;
  return text ? text : "out of memory";
}

const char* Error::detail() const noexcept {
  const char* text = server_ ? server_->detail : detail_;
  return text ? text : "";
}

const char* Error::hint() const noexcept {
  const char* text = server_ ? server_->hint : hint_;
  return text ? text : "";
}

Error Error::with(const Fields& fields) const noexcept {
  if (server_ == nullptr) return *this;
  auto* copy = static_cast<ErrorData*>(
      MemoryContextAllocExtended(error_memory(), sizeof(ErrorData), MCXT_ALLOC_NO_OOM));
  if (copy == nullptr) return *this;
  *copy = *server_;
  const auto set = [](char** field, const std::string& text) {
    if (const char* kept = keep(text)) *field = const_cast<char*>(kept);
  };
  set(&copy->message, fields.message);
  set(&copy->detail, fields.detail);
  set(&copy->hint, fields.hint);
  set(&copy->schema_name, fields.schema_name);
  set(&copy->table_name, fields.table_name);
  set(&copy->column_name, fields.column_name);
  return Error(copy);
}

void Error::raise() const {
  if (server_) ReThrowError(server_);
  ereport(ERROR,
          (errcode(sqlstate_), errmsg_internal("%s", message()),
           detail_ ? errdetail_internal("%s", detail_) : 0, hint_ ? errhint("%s", hint_) : 0));
  pg_unreachable();
}

void notice(std::string_view message, std::string_view detail, std::string_view hint) {
  report(NOTICE, ERRCODE_SUCCESSFUL_COMPLETION, message, detail, hint);
}

void warning(std::string_view message, std::string_view detail, std::string_view hint,
             int sqlstate) {
  report(WARNING, sqlstate, message, detail, hint);
}

}  // namespace strata
