// Owns: writing rows of strata.attempt (see attempt_table.hpp).
#include "worker/attempt_table.hpp"

#include "pg/names.hpp"
#include "pg/row_writer.hpp"
#include "provenance/chain.hpp"

extern "C" {
#include "utils/elog.h"
#include "utils/timestamp.h"
}

namespace strata::worker {
namespace {

using pg::SqlArg;

SqlArg text_or_null(std::string_view text) {
  return SqlArg::text_or_null(text.empty() ? std::nullopt : std::optional<std::string>(text));
}

// Who puts an entry into the queue may know the OID only.
std::string or_else(const NameData& name, std::string look_up) {
  return NameStr(name)[0] != '\0' ? NameStr(name) : std::move(look_up);
}

void write(const std::vector<pg::NamedValue>& values) {
  const pg::WrittenRow row = pg::write_row("attempt", values);
  provenance::link("attempt", "attempt", row.id, row.digest);
}

}  // namespace

std::string base_of(const pg::QueuedAttempt& attempt) {
  return or_else(attempt.base_name, pg::schema_name(attempt.base));
}

void insert_attempt(const pg::QueuedAttempt& attempt) {
  const std::string_view digest(reinterpret_cast<const char*>(attempt.statement_digest),
                                sizeof(attempt.statement_digest));
  write({{"at", pg::time_arg(attempt.at)},
         {"session_role",
          text_or_null(or_else(attempt.session_role_name, pg::role_name(attempt.session_role)))},
         {"effective_role", text_or_null(pg::role_name(attempt.effective_role))},
         {"application_name", text_or_null(NameStr(attempt.application_name))},
         {"client_addr", text_or_null(attempt.client_addr)},
         {"base", text_or_null(base_of(attempt))},
         {"statement", SqlArg::text(attempt.statement)},
         {"statement_length", SqlArg::int8(static_cast<int64_t>(attempt.statement_length))},
         {"statement_sha256", pg::bytes_arg(digest)},
         {"sqlstate", SqlArg::text(unpack_sql_state(attempt.sqlstate))},
         {"reason", SqlArg::text(attempt.reason)},
         {"detail", text_or_null(attempt.detail)},
         {"pid", SqlArg::int4(attempt.pid)},
         {"lost", SqlArg::int8(0)}});
}

void insert_lost(const pg::LostAttempts& lost) {
  write({{"at", pg::time_arg(lost.last)},
         {"sqlstate", SqlArg::text(unpack_sql_state(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED))},
         {"reason",
          SqlArg::text("refused or failed statements were not kept: the queue had no room for "
                       "them")},
         {"detail",
          SqlArg::text(fmt::format("The first of them was refused or failed at {}.",
                                   pg::call([&] { return timestamptz_to_str(lost.first); })))},
         {"lost", SqlArg::int8(static_cast<int64_t>(lost.count))}});
}

}  // namespace strata::worker
