// Owns: making a log line and a queue entry of an error (see attempts.hpp).
#include "guard/attempts.hpp"

#include "model/json.hpp"
#include "model/mask.hpp"
#include "model/sha256.hpp"
#include "pg/client.hpp"
#include "pg/shared_queue.hpp"

extern "C" {
#include "mb/pg_wchar.h"
#include "nodes/plannodes.h"
#include "parser/parser.h"
#include "tcop/tcopprot.h"
#include "utils/timestamp.h"
}

namespace strata::guard {
namespace {

// The error noted last, by its content: an error that crosses the boundary several times is not the
// same object. 0: none since a statement began.
size_t noted = 0;

size_t identity(const Error& error) noexcept {
  const size_t hash = std::hash<std::string_view>()(error.message());
  return (hash ^ static_cast<size_t>(error.sqlstate())) | 1;
}

// Copies what fits, not ending inside a character.
template <size_t size>
void copy_text(char (&out)[size], std::string_view text) {
  size_t length = text.size();
  if (length > size - 1)
    length = static_cast<size_t>(pg_mbcliplen(text.data(), static_cast<int>(size), size - 1));
  if (length > 0) memcpy(out, text.data(), length);
  out[length] = '\0';
}

pg::QueuedAttempt entry_of(const Attempt& attempt, const Error& error) {
  pg::QueuedAttempt entry{};
  const pg::Client client = pg::client();
  entry.at = GetCurrentTimestamp();
  entry.database = MyDatabaseId;
  entry.session_role = client.session_role;
  entry.effective_role = attempt.role;
  entry.base = attempt.base;
  entry.pid = MyProcPid;
  entry.sqlstate = error.sqlstate();
  entry.session_role_name = client.session_role_name;
  entry.application_name = client.application_name;
  entry.base_name = attempt.base_name;
  copy_text(entry.client_addr, client.address);
  copy_text(entry.reason, error.message());
  copy_text(entry.detail, error.detail());
  const std::string_view statement = statement_in(attempt);
  entry.statement_length = statement.size();
  const model::Digest digest = model::sha256(statement);
  static_assert(sizeof(entry.statement_digest) == sizeof(digest));
  memcpy(entry.statement_digest, digest.data(), digest.size());
  // One byte more than fits, so that copy_text sees that there is more.
  copy_text(entry.statement,
            model::mask_secrets(statement, !standard_conforming_strings, sizeof(entry.statement)));
  return entry;
}

// The log's reader may be a program: all facts are one JSON object in the detail.
std::string facts_of(const pg::QueuedAttempt& entry, bool kept) {
  model::Digest digest;
  memcpy(digest.data(), entry.statement_digest, digest.size());
  std::map<std::string, std::string> facts = {
      {"base", NameStr(entry.base_name)},
      {"sqlstate", unpack_sql_state(entry.sqlstate)},
      {"reason", entry.reason},
      {"session_role", NameStr(entry.session_role_name)},
      {"effective_role_oid", std::to_string(entry.effective_role)},
      {"application_name", NameStr(entry.application_name)},
      {"client_addr", entry.client_addr},
      {"statement", entry.statement},
      {"statement_length", std::to_string(entry.statement_length)},
      {"statement_sha256", model::hex(digest)},
      {"queued", kept ? "true" : "false"},
  };
  std::erase_if(facts, [](const auto& fact) { return fact.second.empty(); });
  return model::json_object(facts);
}

void log(const pg::QueuedAttempt& entry, bool refused, bool kept) {
  const std::string facts = facts_of(entry, kept);
  const char* what = refused ? "refused" : "failed";
  pg::call([&] {
    // Not to the client, who is told by the error itself. Not with the statement as the client sent
    // it: it may hold secrets.
    ereport(LOG_SERVER_ONLY,
            (errcode(entry.sqlstate),
             NameStr(entry.base_name)[0] != '\0'
                 ? errmsg_internal("pg_strata: %s statement on schema \"%s\"", what,
                                   NameStr(entry.base_name))
                 : errmsg_internal("pg_strata: %s statement", what),
             errdetail_internal("%s", facts.c_str()), errhidestmt(true), errhidecontext(true)));
  });
}

}  // namespace

Attempt attempt_of(const PlannedStmt* planned, const char* text) noexcept {
  Attempt attempt;
  attempt.text = text;
  attempt.location = planned->stmt_location;
  attempt.length = planned->stmt_len;
  attempt.role = GetUserId();
  return attempt;
}

Attempt attempt_of_client() noexcept {
  Attempt attempt;
  attempt.text = debug_query_string;
  attempt.role = GetUserId();
  return attempt;
}

std::string_view statement_in(const Attempt& attempt) noexcept {
  std::string_view text = attempt.text != nullptr ? attempt.text : "";
  if (attempt.location > 0)
    text.remove_prefix(std::min(text.size(), static_cast<size_t>(attempt.location)));
  if (attempt.location >= 0 && attempt.length > 0)
    text = text.substr(0, static_cast<size_t>(attempt.length));
  constexpr std::string_view around = " \t\r\n\f\v;";
  const size_t first = text.find_first_not_of(around);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(around) + 1 - first);
}

void set_base(Attempt& attempt, Oid base, const std::string& name) noexcept {
  attempt.base = base;
  strlcpy(attempt.base_name.data, name.c_str(), NAMEDATALEN);
}

bool is_refusal(const Error& error) noexcept {
  return ERRCODE_TO_CATEGORY(error.sqlstate()) ==
         ERRCODE_TO_CATEGORY(MAKE_SQLSTATE('S', 'T', '0', '0', '0'));
}

void begin_noting() noexcept {
  noted = 0;
}

void note_once(const Attempt& attempt, const Error& error) noexcept {
  if (noted == identity(error)) return;
  if (!is_refusal(error) && !attempt.failures) return;
  note_attempt(attempt, error);
}

void note_attempt(const Attempt& attempt, const Error& error) noexcept {
  noted = identity(error);
  // Writing a log line looks for interrupts; a cancellation must not be raised and swallowed here,
  // and a shutdown must wait until the entry is in the queue. An error resets the count.
  const uint32 held = InterruptHoldoffCount;
  InterruptHoldoffCount = held + 1;
  try {
    const pg::QueuedAttempt entry = entry_of(attempt, error);
    const bool kept = pg::put_attempt(entry);
    log(entry, is_refusal(error), kept);
  } catch (...) {
    // Out of memory. What is being raised already matters more, and it ends the (sub)transaction
    // that a swallowed error would have left half done.
  }
  InterruptHoldoffCount = held;
}

}  // namespace strata::guard
