// Owns: the INSERT into strata.attempt (see attempt_table.hpp).
#include "worker/attempt_table.hpp"

#include "pg/names.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/elog.h"
}

namespace strata::worker {
namespace {

using pg::SqlArg;

SqlArg timestamp(TimestampTz at) {
  return {TIMESTAMPTZOID, TimestampTzGetDatum(at), false};
}

SqlArg text_or_null(std::string_view text) {
  return pg::SqlArg::text_or_null(text.empty() ? std::nullopt : std::optional<std::string>(text));
}

SqlArg bytes(const uint8_t* data, size_t size) {
  return {BYTEAOID, pg::call([&] {
            auto* out = static_cast<bytea*>(palloc(VARHDRSZ + size));
            SET_VARSIZE(out, VARHDRSZ + size);
            memcpy(VARDATA(out), data, size);
            return PointerGetDatum(out);
          }),
          false};
}

// Who puts an entry into the queue may know the OID only.
std::string or_else(const NameData& name, std::string look_up) {
  return NameStr(name)[0] != '\0' ? NameStr(name) : std::move(look_up);
}

}  // namespace

void AttemptTable::insert(const pg::QueuedAttempt& attempt) {
  spi_.run(
      "INSERT INTO strata.attempt (at, session_role, effective_role, application_name, "
      "client_addr, base,"
      " statement, statement_length, statement_sha256, sqlstate, reason, detail, pid)"
      " VALUES ($1, $2, $3, $4, $5::pg_catalog.inet, $6, $7, $8, $9, $10, $11, $12, $13)",
      {timestamp(attempt.at),
       text_or_null(or_else(attempt.session_role_name, pg::role_name(attempt.session_role))),
       text_or_null(pg::role_name(attempt.effective_role)),
       text_or_null(NameStr(attempt.application_name)), text_or_null(attempt.client_addr),
       text_or_null(or_else(attempt.base_name, pg::schema_name(attempt.base))),
       SqlArg::text(attempt.statement),
       SqlArg::int8(static_cast<int64_t>(attempt.statement_length)),
       bytes(attempt.statement_digest, sizeof(attempt.statement_digest)),
       SqlArg::text(unpack_sql_state(attempt.sqlstate)), SqlArg::text(attempt.reason),
       text_or_null(attempt.detail), SqlArg::int4(attempt.pid)});
}

void AttemptTable::insert(const pg::LostAttempts& lost) {
  spi_.run(
      "INSERT INTO strata.attempt (at, sqlstate, reason, detail, lost) VALUES ($1, $2, $3, $4, $5)",
      {timestamp(lost.last), SqlArg::text(unpack_sql_state(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED)),
       SqlArg::text("refused or failed statements were not kept: the queue had no room for them"),
       SqlArg::text(fmt::format("The first of them was refused or failed at {}.",
                                pg::call([&] { return timestamptz_to_str(lost.first); }))),
       SqlArg::int8(static_cast<int64_t>(lost.count))});
}

}  // namespace strata::worker
