// Owns: the statements under way, and which versions this session has been counted for (see
// session.hpp).
#include "telemetry/session.hpp"

#include "pg/guard.hpp"
#include "telemetry/plan_uses.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/guc.h"
}

namespace strata::telemetry {

Statement* innermost = nullptr;

namespace {

// Those that are done, with their memory, for the next.
Statement* spare = nullptr;

// Never freed: a static object would have a destructor that runs at exit.
auto* const counted_versions = new std::vector<int64_t>();
uint64_t counted_since_reset = 0;

// Returns true the first time the session meets the version.
bool is_new_session(int64_t version) {
  const uint64_t resets = pg::counter_resets();
  if (resets != counted_since_reset) {
    counted_versions->clear();
    counted_since_reset = resets;
  }
  for (const int64_t known : *counted_versions)
    if (known == version) return false;
  counted_versions->push_back(version);
  return true;
}

// The columns that a failed statement names are wanted all the same: only the statement and the
// relations are counted as failed.
void finish_uses(Statement* statement, int sqlstate) {
  const char* const code = sqlstate != 0 ? unpack_sql_state(sqlstate) : nullptr;
  for (pg::Increment& next : statement->uses) {
    if (next.use.column != 0) continue;
    if (code != nullptr) memcpy(next.use.error, code, sizeof(next.use.error));
    if (next.use.relation_id != 0) continue;
    next.rows = code == nullptr ? statement->rows : 0;
    next.nanoseconds = static_cast<uint64_t>(statement->nanoseconds);
    next.sessions = is_new_session(next.use.version_id) ? 1 : 0;
  }
}

TimestampTz time_of_use() {
  const TimestampTz at = GetCurrentStatementStartTimestamp();
  return at != 0 ? at : GetCurrentTimestamp();  // 0: a background process that says no time
}

void add_to_counters(Statement* statement, int sqlstate) noexcept {
  try {
    finish_uses(statement, sqlstate);
  } catch (const std::bad_alloc&) {
    // It is counted without what there was no memory for.
  }
  pg::add_counts(statement->uses.data(), statement->uses.size(),
                 application_name != nullptr ? application_name : "", time_of_use());
}

void count_left(SubTransactionId subtransaction) noexcept {
  for (Statement* at = innermost; at != nullptr;) {
    Statement* const next = at->outer;
    if (subtransaction == InvalidSubTransactionId || at->subtransaction == subtransaction)
      count(at);
    at = next;
  }
}

void at_transaction_end(XactEvent event, void*) {
  if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
    count_left(InvalidSubTransactionId);
}

// A statement that goes on in the outer subtransaction belongs there, as its portal does.
void at_subtransaction_end(SubXactEvent event, SubTransactionId own, SubTransactionId parent,
                           void*) {
  if (event == SUBXACT_EVENT_ABORT_SUB) count_left(own);
  if (event != SUBXACT_EVENT_COMMIT_SUB) return;
  for (Statement* at = innermost; at != nullptr; at = at->outer)
    if (at->subtransaction == own) at->subtransaction = parent;
}

}  // namespace

Statement* begin(const QueryDesc* query) {
  if (spare == nullptr) spare = new Statement();
  Statement* const statement = spare;
  statement->uses.clear();
  // Not as the owner of a function that the client called.
  uses_of(query, GetOuterUserId(), &statement->uses);
  if (statement->uses.empty()) return nullptr;
  spare = statement->outer;
  statement->outer = innermost;
  innermost = statement;
  statement->query = query;
  statement->subtransaction = GetCurrentSubTransactionId();
  statement->running = false;
  statement->sqlstate = 0;
  statement->rows = 0;
  statement->nanoseconds = 0;
  return statement;
}

void count(Statement* statement) noexcept {
  const bool failed = statement->running;
  if (failed) end_work(statement);
  add_to_counters(statement, failed ? statement->sqlstate : 0);
  for (Statement** at = &innermost; *at != nullptr; at = &(*at)->outer) {
    if (*at != statement) continue;
    *at = statement->outer;
    break;
  }
  statement->outer = spare;
  spare = statement;
}

void count_unplanned(const Query* query, const catalog::Registry& registry, int sqlstate) noexcept {
  try {
    Statement statement;
    find_uses(query, registry, GetOuterUserId(), &statement.uses);
    if (!statement.uses.empty()) add_to_counters(&statement, sqlstate);
  } catch (const std::bad_alloc&) {
    // There are other worries.
  }
}

void watch_statements() {
  RegisterXactCallback(at_transaction_end, nullptr);
  RegisterSubXactCallback(at_subtransaction_end, nullptr);
}

}  // namespace strata::telemetry
