// Owns: the statements under way, and which versions this session has been counted for (see
// session.hpp).
#include "telemetry/session.hpp"

#include "pg/guard.hpp"

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

TimestampTz time_of_use() {
  const TimestampTz at = GetCurrentStatementStartTimestamp();
  return at != 0 ? at : GetCurrentTimestamp();  // 0: a background process that says no time
}

const char* application() {
  return application_name != nullptr ? application_name : "";
}

// Returns true the first time the session meets the version.
bool is_new_session(int64_t version) {
  for (const int64_t known : *counted_versions)
    if (known == version) return false;
  counted_versions->push_back(version);
  return true;
}

// Counts the session for each version that it had not used before.
void count_session(const std::vector<pg::CountedUse>& uses, TimestampTz at) {
  const uint64_t resets = pg::counter_resets();
  if (resets != counted_since_reset) counted_versions->clear();
  counted_since_reset = resets;
  for (const pg::CountedUse& use : uses) {
    if (use.relation_id != 0 || !is_new_session(use.version_id)) continue;
    pg::CountedAt place;
    pg::add_counts({use}, {0, 0, 0, 1, at, at}, application(), &place);
  }
}

// The columns that a failed statement names are wanted all the same: only the statement and the
// relations are counted as failed.
std::vector<pg::CountedUse> failed_uses(const std::vector<pg::CountedUse>& uses, int sqlstate) {
  std::vector<pg::CountedUse> out = uses;
  const char* const code = unpack_sql_state(sqlstate);
  for (pg::CountedUse& use : out)
    if (use.column == 0) memcpy(use.error, code, sizeof(use.error));
  return out;
}

void add_to_counters(Uses* uses, uint64_t rows, int64_t nanoseconds, int sqlstate) noexcept {
  const TimestampTz at = time_of_use();
  const auto time = static_cast<uint64_t>(nanoseconds);
  try {
    if (sqlstate != 0) {
      const std::vector<pg::CountedUse> failed = failed_uses(uses->uses, sqlstate);
      pg::CountedAt place;
      count_session(failed, at);
      return pg::add_counts(failed, {1, 0, time, 0, at, at}, application(), &place);
    }
    if (!pg::is_counted_at(uses->place) || pg::counter_resets() != counted_since_reset)
      count_session(uses->uses, at);
    pg::add_counts(uses->uses, {1, rows, time, 0, at, at}, application(), &uses->place);
  } catch (const std::bad_alloc&) {
    // There are other worries.
  }
}

// A cursor of an outer subtransaction that failed in this one runs no more either.
void count_left(SubTransactionId subtransaction) noexcept {
  for (Statement* at = innermost; at != nullptr;) {
    Statement* const next = at->outer;
    if (subtransaction == InvalidSubTransactionId || at->subtransaction == subtransaction ||
        (at->running && at->works_in == subtransaction))
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
  // Not as the owner of a function that the client called.
  statement->uses = uses_of(query, GetOuterUserId(), &statement->own);
  if (statement->uses->uses.empty()) return nullptr;
  statement->uses->statements++;
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
  add_to_counters(statement->uses, statement->rows, statement->nanoseconds,
                  failed ? statement->sqlstate : 0);
  statement->uses->statements--;
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
    Uses uses;
    find_uses(query, registry, GetOuterUserId(), &uses.uses);
    if (!uses.uses.empty()) add_to_counters(&uses, 0, 0, sqlstate);
  } catch (...) {
    // There are other worries: no memory, or no stack.
  }
}

void watch_statements() {
  RegisterXactCallback(at_transaction_end, nullptr);
  RegisterSubXactCallback(at_subtransaction_end, nullptr);
}

}  // namespace strata::telemetry
